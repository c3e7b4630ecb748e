"""Saves: a file, a whole calendar, an edit of the staff, the rolling of the window; each is all or nothing.

The slow part, expanding and indexing, is done before the database is locked. If somebody else has written the same
events meanwhile, it is done anew.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.errors import BotError
from bot.events import changes, edits, log, rows, schema, writing
from bot.events.connection import EventsUnavailableError, reading
from bot.events.connection import writing as locked
from bot.events.model import Event
from bot.events.recurrence import RecurrenceError
from bot.events.writing import Plan, Refusal, Report

logger = logging.getLogger(__name__)

FEW = 3
ATTEMPTS = 5
ROLLED_AT_ONCE = 200


class HeldBackError(BotError):
    """Raised when a source suddenly loses most of its upcoming events; nothing is changed until a person confirms."""


class UnknownEventError(BotError):
    """Raised when staff name an event that is not in the calendar."""


@dataclass(frozen=True)
class Saved:
    """What a save changed, and what it refused."""

    added: int
    changed: int
    unchanged: int
    withdrawn: int = 0
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class Batch:
    """What is to be saved; see EventStore.save."""

    events: Sequence[Event]
    source: str
    now: datetime
    complete: bool = False
    confirm: bool = False
    also_there: Collection[str] = ()
    report: Report | None = None


def save(engine: Engine, batch: Batch) -> Saved:
    """Write a batch."""
    uids = {event.uid for event in batch.events}

    def made_of(connection: Connection, known: Mapping[str, Any]) -> Plan:
        made = writing.plan(batch.events, known, batch.source, batch.now, batch.report)
        if batch.complete:
            made.withdrawn = _missing(connection, batch, uids)
            made.log += [_withdrawal(connection, uid, batch.now) for uid in made.withdrawn]
        return made

    made = _carefully(engine, sorted(uids), made_of, batch.now, source=batch.source if batch.complete else None)
    return Saved(made.added, made.changed, made.unchanged, len(made.withdrawn), tuple(made.refused))


def edit(engine: Engine, uid: str, now: datetime, alter: Callable[[Event], Event]) -> Event:
    """Change an event as staff ask; what they set holds against its source (see bot.events.edits)."""

    def made_of(connection: Connection, known: Mapping[str, Any]) -> Plan:
        row = known.get(uid)
        if row is None or row["withdrawn_at"]:
            raise UnknownEventError(f"there is no event '{uid}'; `bot events list` shows the uids")
        old = rows.event_of(row)
        values = rows.event_values(alter(old))
        new = rows.event_of(values)
        told = changes.between(old, new)
        made = Plan()
        if told:
            held = edits.record(json.loads(row["edits"]), rows.event_values(old), values)
            values["sequence"] = old.sequence + changes.matters_to_calendars(old, new)
            kept = {"edits": json.dumps(held, ensure_ascii=False), "updated_at": rows.utc(now)}
            writing.change(made, values, kept, told, now)
        return made

    _carefully(engine, [uid], made_of, now)
    with reading(engine) as connection:
        return rows.event_of(_known(connection, [uid])[uid])


def roll(engine: Engine, today: date, now: datetime) -> int:
    """Expand recurrences to the end of today's window; return how many events needed it."""
    table = schema.event
    due = sa.select(table).where(table.c.expanded_until < (today + writing.MONTHS_AHEAD).isoformat())
    due = due.order_by(table.c.uid).limit(ROLLED_AT_ONCE)
    rolled = 0
    while True:
        with reading(engine) as connection:
            found = [dict(row) for row in connection.execute(due).mappings()]
        if not found:
            break
        _roll_some(engine, found, today)
        rolled += len(found)
    if rolled:
        with locked(engine) as connection:
            log.forget(connection, now)
    return rolled


def _roll_some(engine: Engine, found: list[dict[str, Any]], today: date) -> None:
    details = writing.Details()
    for row in found:
        try:
            details.add(rows.event_of(row), today)
        except RecurrenceError as error:
            logger.warning("event %s keeps the dates it has: %s", row["uid"], error)
            details.until[row["uid"]] = writing.window_at(today)[1].isoformat()
    with locked(engine) as connection:
        current = _known(connection, [row["uid"] for row in found])
        for row in found:
            if _state(current.get(row["uid"])) != _state(row):
                details.drop(row["uid"])
        for row in found:
            if row["withdrawn_at"]:
                details.unlist(row["uid"])
        writing.write_details(connection, details)
        table = schema.event
        until = [{"b_uid": uid, "until": until} for uid, until in details.until.items()]
        if until:
            update = sa.update(table).where(table.c.uid == sa.bindparam("b_uid"))
            connection.execute(update.values(expanded_until=sa.bindparam("until")), until)


def _carefully(
    engine: Engine,
    uids: Sequence[str],
    made_of: Callable[[Connection, Mapping[str, Any]], Plan],
    now: datetime,
    source: str | None = None,
) -> Plan:
    """Plan without a lock, then write under one if nothing of it has changed in between."""
    for _ in range(ATTEMPTS):
        with reading(engine) as connection:
            known, others = _known(connection, uids), _of_source(connection, source)
            made = made_of(connection, known)
        with locked(engine) as connection:
            current = _known(connection, uids)
            same = all(_state(current.get(uid)) == _state(known.get(uid)) for uid in uids)
            if same and _of_source(connection, source) == others:
                writing.write(connection, made, now)
                return made
    raise EventsUnavailableError("others keep changing the same events; try again")


def _known(connection: Connection, uids: Sequence[str]) -> dict[str, dict[str, Any]]:
    table = schema.event
    found: dict[str, dict[str, Any]] = {}
    for part in writing.chunks(uids):
        for row in connection.execute(sa.select(table).where(table.c.uid.in_(part))).mappings():
            found[row["uid"]] = dict(row)
    return found


def _state(row: Mapping[str, Any] | None) -> object:
    """Return what shows that a row was written anew."""
    if row is None:
        return None
    return tuple(row[name] for name in ("updated_at", "content_hash", "withdrawn_at", "source", "sequence", "edits"))


def _of_source(connection: Connection, source: str | None) -> list[str]:
    if source is None:
        return []
    table = schema.event
    mine = sa.select(table.c.uid).where(table.c.source == source, table.c.withdrawn_at.is_(None))
    return sorted(connection.execute(mine).scalars())


def _missing(connection: Connection, batch: Batch, uids: set[str]) -> list[str]:
    """Return the source's upcoming events that its whole calendar no longer has; what is past stays as it was.

    Raises:
        HeldBackError: these are most of them.
    """
    table, occurrence = schema.event, schema.occurrence
    ahead = sa.exists().where(occurrence.c.uid == table.c.uid, occurrence.c.gone_utc > rows.utc(batch.now))
    mine = sa.select(table.c.uid).where(table.c.source == batch.source, table.c.withdrawn_at.is_(None), ahead)
    upcoming = set(connection.execute(mine).scalars())
    missing = sorted(upcoming - uids - set(batch.also_there))
    if not batch.confirm and len(missing) > FEW and 2 * len(missing) > len(upcoming):
        raise HeldBackError(
            f"'{batch.source}' lacks {len(missing)} of its {len(upcoming)} upcoming events: held back, nothing is "
            "changed; if the calendar is right, import it again with --confirm"
        )
    return missing


def _withdrawal(connection: Connection, uid: str, now: datetime) -> rows.Values:
    start = rows.event_of(_known(connection, [uid])[uid]).start
    return writing.entry(uid, changes.Entry("withdrawn", before=start), now)
