"""One turn about events: what was asked, what the calendar says, what to say and remember. Knows nothing of Rasa."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.events.feed import occurrence_at
from bot.events.finder import EventFinder, Page
from bot.events.inquiry import Asked, EventWords, Inquiry
from bot.events.model import Occurrence, Status
from bot.events.store import EventStore
from bot.events.wording import EventWording

FIND_EVENTS = "find_events"
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
        if memory and (number := _chosen(message, asked, memory)) is not None and (one := self._listed(memory, number)):
            return [self._details(one, now)], {**memory, "picked": number}
        if asked.picked is not None and not asked.narrowed:
            return [Said("utter_event_which")], memory
        if "changes" in asked.requests and not (asked.quoted or asked.inquiry.kinds):
            return self._changes(asked, now), memory
        if memory and "calendar" in asked.requests and before:
            return [self._calendar(before, memory)], memory
        if memory and before and self._wants_more(message, asked):
            return self._list(before, memory["shown"], now)
        if asked.elsewhere:
            return [Said("utter_events_elsewhere")], memory
        inquiry, foreign = self._finder.with_title_words(asked, now)
        inquiry = self._finder.with_unknown_words(inquiry, asked, foreign)
        return self._list(inquiry, 0, now)

    def look_further(self, message: Message, now: datetime) -> tuple[list[Said], dict[str, Any] | None]:
        """Return an answer to a message that nothing else understood, if each of its telling words is the calendar's.

        "Tai-Chi?" names an event, "the weather tomorrow" only a day; of events in Paris nothing is known.
        """
        asked = self._words.understand(message.text, message.language, now)
        if asked.elsewhere:
            about_events = message.intent == FIND_EVENTS or asked.says_events or asked.dated_kind
            return ([Said("utter_events_elsewhere")] if about_events else []), None
        inquiry, foreign = self._finder.with_title_words(asked, now)
        named = inquiry.query.words or inquiry.kinds or inquiry.query.category or asked.says_events
        if not named or asked.requests & UNANSWERED or foreign:
            return [], None
        said, memory = self._list(inquiry, 0, now)
        return (said, memory) if said[0].data.get("events") else ([], None)

    def _wants_more(self, message: Message, asked: Asked) -> bool:
        more = "more" in asked.requests or (message.continued and message.intent == "follow_up_more")
        return more and not asked.narrowed

    def _listed(self, memory: dict[str, Any], number: int) -> Occurrence | None:
        """Return an occurrence of the last list, or None if the calendar no longer has it."""
        uid, start = memory["listed"][number]
        return occurrence_at(self._store, uid, datetime.fromisoformat(start))

    def _details(self, one: Occurrence, now: datetime) -> Said:
        link = self._links.occurrence(one, self._wording.language)
        text = self._wording.details(one, now, link)
        tail = [*self._wording.more(one, now), *filter(None, [self._wording.remark((one,))])]
        return Said(
            "utter_event_details", {"events": text}, data=self._cards("utter_event_details", {}, [one], now, tail)
        )

    def _changes(self, asked: Asked, now: datetime) -> list[Said]:
        found = self._store.changes(now - CHANGES_SINCE, asked.inquiry.query, MAX_CHANGES)
        if not found:
            return [Said("utter_no_event_changes")]
        found.sort(key=lambda change: change.kind in HARMLESS and change.event.status is Status.SCHEDULED)
        text = "\n".join(self._wording.change(change) for change in found)
        data = {"changes": [{"uid": change.uid, "kind": change.kind} for change in found]}
        return [Said("utter_event_changes", {"events": text}, data=data)]

    def _calendar(self, inquiry: Inquiry, memory: dict[str, Any]) -> Said:
        language = self._wording.language
        listed = filter(None, (self._listed(memory, number) for number in range(len(memory["listed"]))))
        lines = [f"- **{one.event.title(language)[0]}**: {self._links.occurrence(one, language)}" for one in listed]
        lines.append(self._wording.say("event_feed", topic=self._links.feed(inquiry, language)))
        return Said("utter_event_calendar", {"events": "\n".join(lines)})

    def _list(self, inquiry: Inquiry, offset: int, now: datetime) -> tuple[list[Said], dict[str, Any]]:
        page = self._finder.page(inquiry, now, offset)
        listed = page.found or ((page.later,) if page.later else ())
        memory = {
            "inquiry": inquiry.as_data(),
            "shown": offset + len(page.found),
            "listed": [[one.event.uid, _rule_start(one)] for one in listed],
        }
        said = [self._page(page, inquiry, offset, now)]
        if page.later:
            line, remark = self._wording.line(page.later, now), self._wording.remark((page.later,))
            data = self._cards("utter_events_later", {}, [page.later], now, [remark])
            said.append(Said("utter_events_later", {"events": line}, data=data))
        if page.more:
            said.append(Said("utter_more_events"))
        return said, memory

    def _page(self, page: Page, inquiry: Inquiry, offset: int, now: datetime) -> Said:
        wording, query = self._wording, inquiry.query
        values = {"range": wording.conditions(inquiry)}
        data: dict[str, Any] = {"range": {"start": _iso(query.start), "end": _iso(query.end)}, "events": []}
        others = [wording.say("event_search", range=wording.span(each.start, each.end)) for each in inquiry.others[:2]]
        if not page.found:
            return Said("utter_no_more_events" if offset else "utter_no_events", values, others, data)
        name = "utter_events_relaxed" if page.dropped else "utter_events"
        if page.dropped:
            values["topic"] = wording.say(f"event_condition_{page.dropped}")
        remark = wording.remark(page.found)
        cards = self._cards(name, values, page.found, now, [remark])
        values["events"] = wording.listing(page.found, now)
        if page.dropped:
            # Not what was asked for: tools that look at "events" alone shall not take it for that.
            instead = {"dropped": page.dropped, "instead": cards["events"], "events": []}
            return Said(name, values, others, {**data, **cards, **instead})
        return Said(name, values, others, {**data, **cards})

    def _cards(
        self, phrase: str, values: dict[str, str], found: Iterable[Occurrence], now: datetime, tail: list[str]
    ) -> dict[str, Any]:
        """Return events as cards, with the texts before and after them: together they say what the phrase says."""
        language = self._wording.language
        cards = [self._wording.card(one, now, self._links.occurrence(one, language)) for one in found]
        before, after = self._wording.around(phrase, **values)
        return {"events": cards, "lead": before, "tail": "\n".join(filter(None, [*tail, after]))}


def _chosen(message: Message, asked: Asked, memory: dict[str, Any]) -> int | None:
    """Return which one of the last list a message is about, or None."""
    listed, before = memory["listed"], memory.get("picked")
    picked = asked.picked
    if picked is None and not asked.narrowed and (len(listed) == 1 or before is not None):
        follows = message.intent in DETAIL_FOLLOW_UPS or asked.requests & {"details", "calendar"}
        picked = (before or 0) if follows else None
    if picked is None or not listed or picked >= len(listed):
        return None
    return picked % len(listed)


def _rule_start(one: Occurrence) -> str:
    """Return the local start by which an occurrence is found again, even if it is moved."""
    return (one.moved_from or one.start).replace(tzinfo=None).isoformat()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
