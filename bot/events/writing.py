"""What one save is going to write, worked out before the database is locked: other writers wait milliseconds."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import changes, edits, rows, schema
from bot.events.model import Event
from bot.events.recurrence import RecurrenceError, days, expand
from bot.events.terms import parts_of, terms_of

MONTHS_BACK, MONTHS_AHEAD, MARGIN = timedelta(days=62), timedelta(days=731), timedelta(days=31)
"""The window of recurrences: two months back, two years ahead. The margin makes rolling it a monthly matter."""
_CHUNK = 500

Report = Callable[[int, int], None]
Known = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Refusal:
    """An event that was not saved, and why."""

    uid: str
    reason: str


@dataclass
class Plan:
    """Rows to write, by table, and what is to be told of them."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    inserts: list[rows.Values] = field(default_factory=list)
    updates: list[rows.Values] = field(default_factory=list)
    hashes: list[rows.Values] = field(default_factory=list)
    log: list[rows.Values] = field(default_factory=list)
    details: "Details" = field(default_factory=lambda: Details())


@dataclass
class Details:
    """Rows that follow from events: occurrences, their days, search terms."""

    keep_before: dict[str, str] = field(default_factory=dict)
    occurrences: dict[tuple[str, str], rows.Values] = field(default_factory=dict)
    listed: dict[tuple[str, str, str, str], rows.Values] = field(default_factory=dict)
    terms: list[rows.Values] = field(default_factory=list)
    until: dict[str, str | None] = field(default_factory=dict)

    def add(self, event: Event, today: date) -> None:
        """Work out the rows of an event.

        Raises:
            RecurrenceError: its recurrence is invalid or without bounds.
        """
        window = window_at(today)
        found = _in_window(event, window)
        recurring = bool(event.rrule)
        # What a series was before the window is history and stays; a single event is written anew.
        self.keep_before[event.uid] = window[0].isoformat() if recurring else ""
        for occurrence in found:
            values = rows.occurrence_values(occurrence, event)
            if values["gone_utc"] < self.keep_before[event.uid]:
                continue
            key = (event.uid, values["recurrence"])
            self.occurrences[key] = values
            for listed in rows.day_values(occurrence, window):
                self.listed[(listed["day"], listed["start"], *key)] = listed
        common = {"uid": event.uid, "city": event.city.value, "category": event.category.value}
        self.terms += [{**common, "term": term, "place": place} for term, place in terms_of(event).items()]
        self.until[event.uid] = window[1].isoformat() if recurring or _is_long(found) else None

    def drop(self, uid: str) -> None:
        """Leave an event out after all."""
        self.keep_before.pop(uid, None)
        self.until.pop(uid, None)
        self.occurrences = {key: values for key, values in self.occurrences.items() if key[0] != uid}
        self.terms = [values for values in self.terms if values["uid"] != uid]
        self.unlist(uid)

    def unlist(self, uid: str) -> None:
        """Leave out an event's days, so that it is not found."""
        self.listed = {key: values for key, values in self.listed.items() if key[2] != uid}


def window_at(today: date) -> tuple[date, date]:
    """Return the half-open window of days into which recurrences are expanded on a day."""
    return today - MONTHS_BACK, today + MONTHS_AHEAD + MARGIN


def plan(events: Iterable[Event], known: Known, source: str, now: datetime, report: Report | None = None) -> Plan:
    """Return what saving ``events`` of a source means, beside the rows that are ``known`` of the same uids."""
    made = Plan()
    events = list(events)
    seen: set[str] = set()
    for number, event in enumerate(events):
        if report and number % 50 == 0:
            report(number, len(events))
        if event.uid in seen:
            made.refused.append(Refusal(event.uid, "stands twice in this import; give each event a uid of its own"))
            continue
        seen.add(event.uid)
        try:
            _plan_one(made, event, known.get(event.uid), source, now)
        except RecurrenceError as error:
            made.refused.append(Refusal(event.uid, str(error)))
    if report:
        report(len(events), len(events))
    return made


def _plan_one(made: Plan, event: Event, row: Mapping[str, Any] | None, source: str, now: datetime) -> None:
    values = rows.event_values(event)
    fingerprint = rows.content_hash(values)
    kept = {"source": source, "content_hash": fingerprint, "withdrawn_at": None, "updated_at": rows.utc(now)}
    if row is None:
        made.details.add(rows.event_of(values), now.date())
        made.inserts.append({**values, **kept, "edits": "{}", "expanded_until": made.details.until[event.uid]})
        made.log.append(entry(event.uid, changes.Entry("added", after=rows.event_of(values).start), now))
        made.added += 1
        return
    if row["source"] != source and not row["withdrawn_at"]:
        reason = f"belongs to the source '{row['source']}', which brought it first; remove it there or rename it here"
        made.refused.append(Refusal(event.uid, reason))
        return
    if row["content_hash"] == fingerprint and row["source"] == source and not row["withdrawn_at"]:
        made.unchanged += 1
        return
    applied, held = edits.apply(values, json.loads(row["edits"]))
    old, new = rows.event_of(row), rows.event_of(applied)
    told = changes.between(old, replace(new, sequence=old.sequence))
    if row["withdrawn_at"]:
        told = [changes.Entry("reinstated", after=new.start), *told]
    elif not told:
        # A first version's row has no fingerprint yet, or what changed is what staff had set already.
        made.hashes.append({"b_uid": event.uid, "content_hash": fingerprint, "edits": json.dumps(held)})
        made.unchanged += 1
        return
    counts = changes.matters_to_calendars(old, new) or row["withdrawn_at"]
    applied["sequence"] = max(new.sequence, old.sequence + bool(counts))
    change(made, applied, {**kept, "edits": json.dumps(held, ensure_ascii=False)}, told, now)


def change(made: Plan, values: rows.Values, kept: rows.Values, told: Sequence[changes.Entry], now: datetime) -> None:
    """Add an event's new version to the plan."""
    event = rows.event_of(values)
    made.details.add(event, now.date())
    made.updates.append({**values, **kept, "b_uid": event.uid, "expanded_until": made.details.until[event.uid]})
    made.log += [entry(event.uid, one, now) for one in told]
    made.changed += 1


def entry(uid: str, told: changes.Entry, now: datetime) -> rows.Values:
    """Return a row of the change log."""
    before, after = (rows.text(moment) if moment else None for moment in (told.before, told.after))
    return {"uid": uid, "kind": told.kind, "at": rows.utc(now), "before": before, "after": after}


def write(connection: Connection, made: Plan, now: datetime) -> None:
    """Write a plan inside the caller's transaction."""
    table = schema.event
    _insert(connection, table, made.inserts)
    for values in (made.updates, made.hashes):
        if values:
            columns = {name: sa.bindparam(name) for name in values[0] if name not in ("b_uid", "uid")}
            connection.execute(sa.update(table).where(table.c.uid == sa.bindparam("b_uid")).values(columns), values)
    write_details(connection, made.details, fresh={values["uid"] for values in made.inserts})
    for part in chunks(made.withdrawn):
        gone = {"withdrawn_at": rows.utc(now), "updated_at": rows.utc(now), "sequence": table.c.sequence + 1}
        connection.execute(sa.update(table).where(table.c.uid.in_(part)).values(gone))
        # Its days go, so that it is never found; its words stay, for what is told of changes.
        connection.execute(sa.delete(schema.occurrence_day).where(schema.occurrence_day.c.uid.in_(part)))
    _insert(connection, schema.event_change, made.log)


def write_details(connection: Connection, details: Details, fresh: Collection[str] = ()) -> None:
    """Replace the occurrences and terms of events; those of ``fresh`` ones have none yet."""
    day, occurrence, term = schema.occurrence_day, schema.occurrence, schema.search_term
    for part in chunks([uid for uid in details.keep_before if uid not in fresh]):
        connection.execute(sa.delete(term).where(term.c.uid.in_(part)))
        for since in {details.keep_before[uid] for uid in part}:
            uids = [uid for uid in part if details.keep_before[uid] == since]
            for table in (occurrence, day):
                connection.execute(sa.delete(table).where(table.c.uid.in_(uids), table.c.gone_utc >= since))
    _insert(connection, occurrence, list(details.occurrences.values()))
    _insert(connection, day, list(details.listed.values()))
    _insert(connection, term, details.terms)
    _learn_parts(connection, {values["term"] for values in details.terms})


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    """Yield lists that are short enough for one IN clause."""
    everything = list(values)
    for start in range(0, len(everything), _CHUNK):
        yield everything[start : start + _CHUNK]


def _in_window(event: Event, window: tuple[date, date]) -> list[Any]:
    if event.rrule:
        return expand(event, *window)
    # Single dates are few and stay findable however far away they are.
    return expand(event, date.min, date.max)


def _is_long(found: Sequence[Any]) -> bool:
    return any((last - first).days >= rows.LONGEST_LISTED for first, last in map(days, found))


def _learn_parts(connection: Connection, terms: set[str]) -> None:
    table = schema.search_part
    known: set[str] = set()
    for part in chunks(terms):
        known |= set(connection.execute(sa.select(table.c.term).where(table.c.part.in_(part)).distinct()).scalars())
    _insert(connection, table, [{"part": part, "term": term} for term in terms - known for part in parts_of(term)])


def _insert(connection: Connection, table: sa.Table, values: list[rows.Values]) -> None:
    if values:
        connection.execute(table.insert(), values)
