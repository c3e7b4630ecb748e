"""One turn about events: what was asked, what the calendar says, what to say and remember. Knows nothing of Rasa."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.events.finder import PAGE, EventFinder, Page
from bot.events.inquiry import Asked, EventWords, Inquiry
from bot.events.model import Occurrence, Status
from bot.events.store import EventStore
from bot.events.wording import EventWording, as_data

CHANGES_SINCE = timedelta(days=30)
MAX_CHANGES = 8
UNANSWERED = frozenset({"calendar", "changes", "more"})
HARMLESS = ("added", "changed", "reinstated")
"""Changes that spoil nobody's evening; the others are told first."""
DETAIL_FOLLOW_UPS = ("follow_up_when", "follow_up_where", "follow_up_who", "follow_up_what", "follow_up_how_long")


@dataclass(frozen=True)
class Links:
    """Addresses of calendar files: of one occurrence, and of a search as a feed; empty where there is no server."""

    occurrence: Callable[[Occurrence, str], str] = lambda one, language: ""
    feed: Callable[[Inquiry, str], str] = lambda inquiry, language: ""


@dataclass
class Said:
    """An answer: a phrase's name with its values, buttons by text, and data for a channel that can show more."""

    phrase: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A visitor's message as far as events go: the text, its language, whether it continues, its first intent."""

    text: str
    language: str
    continued: bool = False
    intent: str = ""


class EventDialogue:
    """Answers messages about events from a store."""

    def __init__(self, store: EventStore, words: EventWords, wording: EventWording, links: Links) -> None:
        self._store, self._words, self._wording, self._links = store, words, wording, links
        self._finder = EventFinder(store, words)

    def answer(
        self, message: Message, memory: dict[str, Any] | None, now: datetime
    ) -> tuple[list[Said], dict[str, Any] | None]:
        """Return what to say to a message, and what to remember; ``memory`` is what the last turn remembered."""
        before = Inquiry.from_data(memory["inquiry"]) if memory else None
        asked = self._words.understand(message.text, message.language, now, before)
        if memory and (one := self._chosen(message, asked, memory, now)):
            return self._details(asked, one, memory, now)
        if asked.picked is not None and not asked.narrowed:
            return [Said("utter_event_which")], memory
        if "changes" in asked.requests and not (asked.quoted or asked.inquiry.kinds):
            return self._changes(asked, now), memory
        if memory and "calendar" in asked.requests and before:
            return self._calendar(before, memory, now), memory
        if memory and before and self._wants_more(message, asked):
            return self._list(before, memory["shown"], now)
        return self._list(self._finder.with_title_words(asked, now), 0, now)

    def look_further(self, message: Message, now: datetime) -> tuple[list[Said], dict[str, Any] | None]:
        """Return an answer to a message that nothing else understood, if each of its telling words is the calendar's.

        "Tai-Chi?" names an event, "the weather tomorrow" only a day.
        """
        asked = self._words.understand(message.text, message.language, now)
        inquiry = self._finder.with_title_words(asked, now)
        named = inquiry.query.words or inquiry.kinds or inquiry.query.category or asked.says_events
        if not named or asked.requests & UNANSWERED or self._finder.foreign(asked, now):
            return [], None
        said, memory = self._list(inquiry, 0, now)
        return (said, memory) if said[0].data.get("events") else ([], None)

    def _wants_more(self, message: Message, asked: Asked) -> bool:
        more = "more" in asked.requests or (message.continued and message.intent == "follow_up_more")
        return more and not asked.narrowed

    def _chosen(self, message: Message, asked: Asked, memory: dict[str, Any], now: datetime) -> Occurrence | None:
        """Return the occurrence of the last list that a message is about, or None."""
        listed = memory["listed"]
        picked = asked.picked
        if picked is None and not asked.narrowed:
            only = len(listed) == 1 or memory.get("picked") is not None
            follows = message.intent in DETAIL_FOLLOW_UPS or "details" in asked.requests
            picked = memory.get("picked") or 0 if only and (follows or "calendar" in asked.requests) else None
        if picked is None or not listed or picked >= len(listed):
            return None
        uid, start = listed[picked]
        memory["picked"] = picked % len(listed)
        return self._store_occurrence(uid, start, now)

    def _store_occurrence(self, uid: str, start: str, now: datetime) -> Occurrence | None:
        long_ago = now - timedelta(days=800)
        found = self._store.occurrences(uid, long_ago, 2000)
        return next((one for one in found if one.start.isoformat() == start), None)

    def _details(
        self, asked: Asked, one: Occurrence, memory: dict[str, Any], now: datetime
    ) -> tuple[list[Said], dict[str, Any] | None]:
        language = self._wording.language
        link = self._links.occurrence(one, language)
        text = self._wording.details(one, now, link)
        return [Said("utter_event_details", {"events": text}, data={"events": [as_data(one, language, link)]})], memory

    def _changes(self, asked: Asked, now: datetime) -> list[Said]:
        found = self._store.changes(now - CHANGES_SINCE, asked.inquiry.query, MAX_CHANGES)
        if not found:
            return [Said("utter_no_event_changes")]
        found.sort(key=lambda change: change.kind in HARMLESS and change.event.status is Status.SCHEDULED)
        text = "\n".join(self._wording.change(change) for change in found)
        data = {"changes": [{"uid": change.uid, "kind": change.kind} for change in found]}
        return [Said("utter_event_changes", {"events": text}, data=data)]

    def _calendar(self, inquiry: Inquiry, memory: dict[str, Any], now: datetime) -> list[Said]:
        language = self._wording.language
        lines = []
        for uid, start in memory["listed"]:
            if one := self._store_occurrence(uid, start, now):
                lines.append(f"- **{one.event.title(language)[0]}**: {self._links.occurrence(one, language)}")
        lines.append(self._wording.say("event_feed", topic=self._links.feed(inquiry, language)))
        return [Said("utter_event_calendar", {"events": "\n".join(lines)})]

    def _list(self, inquiry: Inquiry, offset: int, now: datetime) -> tuple[list[Said], dict[str, Any] | None]:
        page = self._finder.page(inquiry, now, offset)
        memory = {
            "inquiry": inquiry.as_data(),
            "shown": offset + len(page.found),
            "listed": [
                [one.event.uid, one.start.isoformat()] for one in page.found or ((page.later,) if page.later else ())
            ],
        }
        return self._say(page, inquiry, offset, now), memory

    def _say(self, page: Page, inquiry: Inquiry, offset: int, now: datetime) -> list[Said]:
        wording = self._wording
        values = {"range": wording.conditions(inquiry)}
        data: dict[str, Any] = {
            "range": {"start": _iso(inquiry.query.start), "end": _iso(inquiry.query.end)},
            "events": [],
        }
        others = [wording.say("event_search", range=wording.span(each.start, each.end)) for each in inquiry.others[:2]]
        if not page.found:
            said = [Said("utter_no_more_events" if offset else "utter_no_events", values, others, data)]
        elif page.dropped:
            values |= {
                "topic": wording.say(f"event_condition_{page.dropped}"),
                "events": wording.listing(page.found, now),
            }
            near = [as_data(one, wording.language, self._links.occurrence(one, wording.language)) for one in page.found]
            said = [Said("utter_events_relaxed", values, others, {**data, "dropped": page.dropped, "instead": near})]
        else:
            values["events"] = wording.listing(page.found, now)
            data["events"] = [
                as_data(one, wording.language, self._links.occurrence(one, wording.language)) for one in page.found
            ]
            said = [Said("utter_events", values, others, data)]
        if page.later:
            said.append(Said("utter_events_later", {"events": wording.line(page.later, now)}))
        if page.more:
            said.append(Said("utter_more_events"))
        return said


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


__all__ = ["PAGE", "EventDialogue", "Links", "Message", "Said"]
