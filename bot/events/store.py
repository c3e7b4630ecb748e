"""All reading and writing of events: the one door to their tables."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot import clock
from bot.events import log, lookup, rows, saving, schema, sources
from bot.events.connection import EventsUnavailableError, reading
from bot.events.connection import writing as locked
from bot.events.log import Mark
from bot.events.migrate import migrate
from bot.events.model import Change, Event, Occurrence, Override, Query, Status
from bot.events.recurrence import expand
from bot.events.saving import Batch, HeldBackError, Saved, UnknownEventError
from bot.events.sources import Source
from bot.events.writing import Refusal, Report

__all__ = [
    "EventStore", "EventsUnavailableError", "HeldBackError", "Mark", "Refusal", "Saved", "Source", "UnknownEventError",
]  # fmt: skip

CAP = 100


class EventStore:
    """All reading and writing of events; create it with an engine (`bot.database.connect`).

    Every method raises EventsUnavailableError if the database cannot be used. ``now`` is a moment with a zone: the
    visitor's, in which it is decided whether a range is past.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        if migrate(engine):
            self.roll(clock.now().date())

    def save(
        self,
        events: Iterable[Event],
        *,
        now: datetime,
        source: str = "manual",
        complete: bool = False,
        confirm: bool = False,
        also_there: Collection[str] = (),
        report: Report | None = None,
    ) -> Saved:
        """Add or change events by uid, all or none; saving the same twice changes nothing.

        ``complete`` says that these are all events of the source: its upcoming ones that are missing, and not
        ``also_there`` (in the file, but refused by its reader), are withdrawn, and come back when they come again. An
        event belongs to the source that brought it first, so that no calendar can change another's; a second one's is
        refused, as is a recurrence without bounds. ``report`` is called with how many are done and how many there are.

        Raises:
            HeldBackError: more than half of the source's upcoming events, and more than three, would be withdrawn,
                and nobody has confirmed that; nothing is changed.
        """
        batch = Batch(list(events), source, now, complete, confirm, also_there, report)
        return saving.save(self._engine, batch)

    def edit(self, uid: str, now: datetime, **changes: Any) -> Event:
        """Change fields of an event by hand; each holds until its source says something new of that very field.

        Raises:
            UnknownEventError: there is no such event.
            RecurrenceError: the changed recurrence is invalid or without bounds.
        """
        return saving.edit(self._engine, uid, now, lambda event: replace(event, **changes))

    def cancel(self, uid: str, now: datetime, occurrence: date | None = None) -> Event:
        """Cancel an event, or the occurrences of it that begin on a day.

        Raises:
            UnknownEventError: there is no such event, or it does not take place on that day.
        """
        if occurrence is None:
            return self.edit(uid, now, status=Status.CANCELLED)
        return saving.edit(self._engine, uid, now, lambda event: _without(event, occurrence))

    def roll(self, today: date) -> int:
        """Expand recurrences to two years from ``today``; cheap if it was done lately. Returns how many events did."""
        return saving.roll(self._engine, today, datetime.combine(today, time(), UTC))

    def delete_samples(self) -> int:
        """Delete the sample calendar's events and return how many there were."""
        with locked(self._engine) as connection:
            return int(connection.execute(sa.delete(schema.event).where(schema.event.c.sample)).rowcount)

    def find(
        self, query: Query, *, now: datetime, limit: int, offset: int = 0, titles_first: bool = False
    ) -> list[Occurrence]:
        """Return occurrences by their local start, then uid; cancelled and postponed ones among them.

        What has ended before ``now`` is left out unless the query's range lies in the past. ``titles_first`` puts
        those that have all words in title or venue before those that have some in the summary only.
        """
        with reading(self._engine) as connection:
            if not titles_first or not query.words:
                return lookup.page(connection, lookup.search(connection, query, now), query, limit, offset)
            first = lookup.search(connection, query, now, titles=True)
            found = lookup.page(connection, first, query, limit, offset)
            if len(found) == limit:
                return found
            before = lookup.total(connection, first, query, offset + limit)
            rest = lookup.search(connection, query, now, titles=False)
            return found + lookup.page(connection, rest, query, limit - len(found), max(offset - before, 0))

    def names(self, words: tuple[str, ...], now: datetime) -> bool:
        """Whether title and venue of something that has not ended hold all the words."""
        query = Query(words=words)
        with reading(self._engine) as connection:
            found = lookup.search(connection, query, now, titles=True)
            return bool(lookup.page(connection, found, query, 1, 0))

    def count(self, query: Query | None = None, now: datetime | None = None, cap: int = CAP) -> int:
        """Return how many occurrences fit a query, counting no further than ``cap``; without one, all events."""
        with reading(self._engine) as connection:
            if query is None or now is None:
                found = connection.execute(sa.select(sa.func.count()).select_from(schema.event))
                return int(found.scalar_one())
            return lookup.total(connection, lookup.search(connection, query, now), query, cap)

    def next_after(self, query: Query, now: datetime) -> Occurrence | None:
        """Return the first occurrence that fits, however long after the query's range."""
        found = self.find(replace(query, end=None), now=now, limit=1)
        return found[0] if found else None

    def get(self, uid: str, withdrawn: bool = False) -> Event | None:
        """Return an event, or None if there is none; a withdrawn one only if asked for."""
        table = schema.event
        chosen = sa.select(table).where(table.c.uid == uid)
        with reading(self._engine) as connection:
            row = connection.execute(chosen if withdrawn else chosen.where(table.c.withdrawn_at.is_(None))).mappings()
            found = row.first()
        return rows.event_of(found) if found else None

    def events(self, source: str | None = None) -> list[Event]:
        """Return all events, or a source's, by start, then uid; withdrawn ones not."""
        table = schema.event
        chosen = sa.select(table).where(table.c.withdrawn_at.is_(None)).order_by(table.c.start, table.c.uid)
        with reading(self._engine) as connection:
            found = connection.execute(chosen.where(table.c.source == source) if source else chosen).mappings()
            return [rows.event_of(row) for row in found]

    def occurrences(self, uid: str, now: datetime, limit: int) -> list[Occurrence]:
        """Return an event's occurrences that have not ended, by start."""
        table = schema.occurrence
        keys = sa.select(table.c.uid, table.c.recurrence).where(table.c.uid == uid, table.c.gone_utc > rows.utc(now))
        some = keys.order_by(table.c.start, table.c.recurrence).limit(limit).subquery()
        with reading(self._engine) as connection:
            return lookup.occurrences(connection, some, (table.c.start, table.c.recurrence))

    def changes(self, since: datetime, query: Query, limit: int) -> list[Change]:
        """Return what happened to events since a moment, newest first, one entry an event (see bot.events.log)."""
        with reading(self._engine) as connection:
            return log.since(connection, since, query, limit)

    def mark(self) -> Mark:
        """Return how far the change log goes now; cheap."""
        with reading(self._engine) as connection:
            return log.mark(connection)

    def touched(self, after: Mark, limit: int) -> list[tuple[Mark, str]]:
        """Return the uids of what was changed after a mark in the change log, the oldest first."""
        with reading(self._engine) as connection:
            return log.touched(connection, after, limit)

    def added(self, after: Mark, query: Query, limit: int) -> list[tuple[Mark, str]]:
        """Return the uids of what fits and was added after a mark in the change log, the newest first."""
        with reading(self._engine) as connection:
            return log.added(connection, after, query, limit)

    def sources(self) -> list[Source]:
        """Return the calendars that are fetched from elsewhere, by name."""
        with reading(self._engine) as connection:
            return sources.all_of(connection)

    def put_source(self, source: Source) -> None:
        """Add a source, or change the address, format and interval of the one of its name."""
        with locked(self._engine) as connection:
            sources.put(connection, source)

    def note_source(self, name: str, **noted: Any) -> bool:
        """Write down last_success, last_error, last_hash or held_back; False if there is no such source."""
        with locked(self._engine) as connection:
            return sources.note(connection, name, noted)

    def remove_source(self, name: str) -> bool:
        """Forget a source; its events stay, as nobody has called them off. False if there is no such source."""
        with locked(self._engine) as connection:
            return sources.remove(connection, name)


def _without(event: Event, day: date) -> Event:
    """Return the event with its occurrences of a day cancelled, at whatever time they have been moved to."""
    known = {override.recurrence_id: override for override in event.overrides if not override.and_following}
    others = [override for override in event.overrides if override.and_following]
    hit = [one for one in expand(event, day, day + timedelta(days=1)) if one.start.date() == day]
    if not hit:
        raise UnknownEventError(f"'{event.uid}' does not take place on {day}; `bot events show` lists its dates")
    for one in hit:
        date_of = one.moved_from or one.start
        known[date_of] = replace(known.get(date_of, Override(date_of)), status=Status.CANCELLED)
    return replace(event, overrides=(*others, *known.values()))
