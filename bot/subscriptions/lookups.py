"""What the calendar has for subscriptions; the answers of one pass are kept, as many subscribers ask for the same."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.events.feed import occurrence_at
from bot.events.inquiry import EventWords, Inquiry
from bot.events.log import Mark
from bot.events.model import Event, Occurrence, Query, Status
from bot.events.store import EventStore
from bot.subscriptions.model import Told

MOST = 200
"""Events that one message may be about: five are listed, the others counted."""
COMING = timedelta(days=7)
KEPT = 2_000
T = TypeVar("T")


class Lookups:
    """Asks a store, each question once."""

    def __init__(self, store: EventStore, words: EventWords, now: datetime) -> None:
        self._store, self._words, self._now = store, words, now
        self._known: dict[object, object] = {}

    def added(self, search: str, inquiry: Inquiry, after: Mark) -> list[Occurrence]:
        """Return the next date of each event that was added after a mark, fits and takes place, in order of start."""
        uids = self._once(("added", search, after), lambda: self._of_kinds(inquiry, lambda q: self._added(after, q)))
        dates = (self._once(("next", uid), lambda uid=uid: self._next(uid)) for uid in uids)  # type: ignore[misc]
        return sorted(filter(None, dates), key=_order)

    def coming(self, search: str, inquiry: Inquiry) -> list[Occurrence]:
        """Return what fits and begins in the next seven days, in order of start."""
        return self._once(("coming", search), lambda: self._coming(inquiry))

    def current(self, uid: str, told: Told) -> tuple[Occurrence | None, datetime | None]:
        """Return an event's date as it is now, and the start of its series; None if it is no longer in the calendar.

        A date is known by the start that its rule gives. Where the whole series was moved, it is looked for as much
        later; a single event is the same one wherever it was moved to.
        """
        event = self._once(("event", uid), lambda: self._store.get(uid))
        if event is None:
            return None, None
        series = event.start.replace(tzinfo=None)
        if not (event.rrule or event.rdates):
            return occurrence_at(self._store, uid, series), series
        rule = told.recurrence + (series - told.series_start)
        one = occurrence_at(self._store, uid, told.recurrence) if series == told.series_start else None
        return one or occurrence_at(self._store, uid, rule), series

    def _added(self, after: Mark, query: Query) -> list[str]:
        return [uid for _, uid in self._store.added(after, query, MOST)]

    def _next(self, uid: str) -> Occurrence | None:
        dates = self._store.occurrences(uid, self._now, 10)
        return next((one for one in dates if one.status is Status.SCHEDULED and one.start > self._now), None)

    def _coming(self, inquiry: Inquiry) -> list[Occurrence]:
        start = self._now.replace(tzinfo=None)
        query = replace(inquiry.query, start=start, end=start + COMING)
        dates: dict[tuple[str, datetime], Occurrence] = {}

        def found(query: Query) -> list[tuple[str, datetime]]:
            page = self._store.find(query, now=self._now, limit=MOST)
            dates.update({(one.event.uid, one.start): one for one in page})
            return [(one.event.uid, one.start) for one in page]

        keys = self._of_kinds(replace(inquiry, query=query), found)
        ahead = (dates[key] for key in keys)
        listed = [one for one in ahead if one.status is Status.SCHEDULED and one.start > self._now]
        return sorted(listed, key=_order)

    def _of_kinds(self, inquiry: Inquiry, ask: Callable[[Query], list[T]]) -> list[T]:
        """Return what fits a search: of kinds of events ("concert") what has any of their names, of several all."""
        if not inquiry.kinds:
            return ask(inquiry.query)
        query = inquiry.query
        each = []
        for kind in inquiry.kinds:
            named = (ask(replace(query, words=(*query.words, name))) for name in self._words.names_of(kind))
            each.append(dict.fromkeys(one for found in named for one in found))
        return [one for one in each[0] if all(one in others for others in each[1:])]

    def _once(self, key: object, ask: Callable[[], T]) -> T:
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = ask()
        return self._known[key]  # type: ignore[return-value]


def _order(one: Occurrence) -> tuple[datetime, str]:
    return one.start.replace(tzinfo=None), one.event.uid


def distinct(found: Iterable[Occurrence]) -> list[Occurrence]:
    """Return each event once, at its first date, in order of start."""
    first: dict[str, Occurrence] = {}
    for one in sorted(found, key=_order):
        first.setdefault(one.event.uid, one)
    return list(first.values())


def series_start(store: EventStore, one: Occurrence) -> datetime:
    """Return the start of the series that a date belongs to."""
    event: Event | None = store.get(one.event.uid)
    return (event or one.event).start
