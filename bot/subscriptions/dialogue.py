"""One turn about subscriptions: what was asked, what is kept of it, what to say. Knows nothing of Rasa."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from sqlalchemy.engine import Engine

from bot.events.dialogue import Message, Said
from bot.events.feed import occurrence_at
from bot.events.finder import EventFinder
from bot.events.inquiry import EventWords, Inquiry
from bot.events.model import Occurrence
from bot.events.store import EventStore
from bot.events.wording import LOCALES, EventWording
from bot.subscriptions import service
from bot.subscriptions.connection import SubscriptionsUnavailableError
from bot.subscriptions.hours import MORNING, Hours
from bot.subscriptions.letter import conditions
from bot.subscriptions.lookups import distinct, series_start
from bot.subscriptions.model import Address, Overview, Preferences, told_of
from bot.subscriptions.understanding import kind_of, preferences_of

_CITIES = {"Europe/Berlin": "city_berlin", "Asia/Shanghai": "city_beijing"}
NO_PREFERENCES = Preferences()
Feed = Callable[[Inquiry, str], str]


class SubscriptionDialogue:
    """Answers one visitor; ``address`` is None where nothing can be sent unasked."""

    def __init__(
        self, engine: Engine, store: EventStore, words: EventWords, wording: EventWording, address: Address | None,
        feed: Feed = lambda inquiry, language: "",
    ) -> None:  # fmt: skip
        self._engine, self._store, self._words = engine, store, words
        self._wording, self._address, self._feed = wording, address, feed

    def subscribe(self, message: Message, now: datetime) -> list[Said]:
        """Tell from now on of what a message names: kinds of events, category, city, price, language."""
        asked = self._words.understand(message.text, message.language, now)
        if self._address is None:
            link = self._feed(asked.inquiry, self._wording.language)
            more = [Said("utter_subscriptions_calendar", {"topic": link})] if link else []
            return [Said("utter_subscriptions_elsewhere"), *more]
        kind, language = kind_of(message.text), self._wording.language
        try:
            mark = self._store.mark()
            kept = service.subscribe(self._engine, self._address, language, kind, asked.inquiry, mark, now)
            overview = self._overview()
        except SubscriptionsUnavailableError:
            return [Said("utter_subscriptions_unavailable")]
        if not kept or overview is None:
            return [Said("utter_subscribed_too_many")]
        due = service.next_time(kind, overview.hours, now)
        values = {
            "range": conditions(self._wording, asked.inquiry), "topic": self._zone(overview.hours),
            "question": f"{due.time() if due.tzinfo else MORNING:%H:%M}",
        }  # fmt: skip
        return [Said(f"utter_subscribed_{kind.value}", values)]

    def unsubscribe(self) -> list[Said]:
        """End everything and delete it."""
        if self._address is None:
            return [Said("utter_subscriptions_elsewhere")]
        try:
            had = service.of(self._engine, self._address.channel, self._address.chat)
            service.end(self._engine, self._address.channel, self._address.chat)
        except SubscriptionsUnavailableError:
            return [Said("utter_subscriptions_unavailable")]
        return [Said("utter_nothing_subscribed" if had is None else "utter_unsubscribed")]

    def remind(self, message: Message, memory: dict[str, Any] | None, now: datetime) -> list[Said]:
        """Remind of an event of the list or details just shown, or of the one that a message names."""
        if self._address is None:
            return [Said("utter_subscriptions_elsewhere")]
        found = self._meant(message, memory, now)
        if len(found) != 1:
            return [Said("utter_remind_which")]
        one, language = found[0], self._wording.language
        told = told_of(one, series_start(self._store, one))
        try:
            at = service.remind(self._engine, self._address, language, one, told, now)
            overview = self._overview()
        except SubscriptionsUnavailableError:
            return [Said("utter_subscriptions_unavailable")]
        line = self._wording.line(one, now)
        if at is None or overview is None:
            return [Said("utter_reminder_not_possible", {"events": line})]
        local = at.astimezone(ZoneInfo(overview.hours.zone)).replace(tzinfo=None)
        values = {"range": self._moment(local), "topic": self._zone(overview.hours), "events": line}
        return [Said("utter_reminded", values)]

    def manage(self, message: Message, now: datetime) -> list[Said]:
        """Set the zone or the quiet hours that a message names, and say what is subscribed to."""
        if self._address is None:
            return [Said("utter_subscriptions_elsewhere")]
        wanted = preferences_of(message.text)
        try:
            if wanted == NO_PREFERENCES:
                overview = self._overview()
            else:
                overview = service.prefer(self._engine, self._address, wanted, now)
        except SubscriptionsUnavailableError:
            return [Said("utter_subscriptions_unavailable")]
        if overview is None or overview.is_empty:
            return [Said("utter_nothing_subscribed")]
        quiet = self._quiet(overview.hours)
        values = {"events": self._list(overview), "topic": self._zone(overview.hours), "range": quiet}
        return [Said("utter_my_subscriptions", values)]

    def _meant(self, message: Message, memory: dict[str, Any] | None, now: datetime) -> list[Occurrence]:
        asked = self._words.understand(message.text, message.language, now)
        listed = memory["listed"] if memory else []
        if asked.picked is not None:
            within = -len(listed) <= asked.picked < len(listed)
            return self._at([listed[asked.picked]]) if within else []
        finder = EventFinder(self._store, self._words)
        inquiry, _ = finder.with_title_words(asked, now)
        query = inquiry.query
        if query.words or inquiry.kinds:
            page = finder.page(inquiry, now)
            named = [] if page.dropped else distinct(page.found)
            shown = {uid for uid, _ in listed}
            return [one for one in named if one.event.uid in shown] or named
        picked = (memory or {}).get("picked")
        return self._at([listed[picked]] if picked is not None and picked < len(listed) else listed)

    def _at(self, listed: list[list[str]]) -> list[Occurrence]:
        found = (occurrence_at(self._store, uid, datetime.fromisoformat(start)) for uid, start in listed)
        return [one for one in found if one]

    def _overview(self) -> Overview | None:
        return service.of(self._engine, self._address.channel, self._address.chat) if self._address else None

    def _list(self, overview: Overview) -> str:
        say = self._wording.say
        lines = [
            say(f"subscription_line_{kind.value}", range=conditions(self._wording, inquiry))
            for kind, inquiry in overview.subscriptions
        ]
        lines += [
            say("subscription_line_reminder", topic=title, range=self._moment(start))
            for title, start in overview.reminders
        ]
        return "\n".join(f"- {line}" for line in lines)

    def _moment(self, local: datetime) -> str:
        day = local.replace(hour=0, minute=0)
        text = self._wording.span(day, day.replace(hour=23, minute=59)).partition(", 00:00")[0]
        return f"{text}, {local:%H:%M}" if local != day else text

    def _zone(self, hours: Hours) -> str:
        city = _CITIES.get(hours.zone)
        language = self._wording.language
        place = self._wording.say(city) if city else _place(hours.zone, language)
        return self._wording.say("subscription_time_in", topic=place)

    def _quiet(self, hours: Hours) -> str:
        if hours.quiet_from == hours.quiet_until:
            return self._wording.say("subscription_no_quiet")
        return f"{hours.quiet_from:%H:%M}–{hours.quiet_until:%H:%M}"


def _place(zone: str, language: str) -> str:
    return str(get_timezone_location(zone, locale=LOCALES[language], return_city=True))
