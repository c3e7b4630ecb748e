"""The change log: what happened to events since a moment, one entry an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import rows, words
from bot.events.model import Change, Query
from bot.events.schema import event, event_change, occurrence_day

KEPT = timedelta(days=400)
CHUNK = 100
LOOKED_AT = 1_000
"""Entries: after a large import "what is new?" looks at the newest ones only."""


@dataclass(frozen=True)
class Mark:
    """A place in the log: an entry's number and moment (UTC text)."""

    number: int = 0
    at: str = ""


def since(connection: Connection, moment: datetime, query: Query, limit: int) -> list[Change]:
    """Return what happened from ``moment`` on to events that fit the query, newest first, one entry an event.

    That an event was only changed is told if nothing else happened to it. A range of the query fits an event that
    takes place in it, or did before it was moved, cancelled or withdrawn.
    """
    needed = words.alternatives(connection, query)
    if needed is None:
        return []
    entries = _newest(connection, moment)
    found: list[Change] = []
    for start in range(0, len(entries), CHUNK):
        part = {entry["uid"]: entry for entry in entries[start : start + CHUNK]}
        fitting = sa.select(event).where(event.c.uid.in_(list(part)), *_fits(query, needed))
        rows_of = {row["uid"]: row for row in connection.execute(fitting).mappings()}
        held = _held(connection, query, list(rows_of)) if query.start or query.end else set(rows_of)
        found += [
            _change(entry, rows_of[uid])
            for uid, entry in part.items()
            if uid in rows_of and (uid in held or _was_in(query, entry))
        ]
        if len(found) >= limit:
            break
    return found[:limit]


def _newest(connection: Connection, moment: datetime) -> list[Mapping[str, Any]]:
    """Return the entry of each event that is told, newest first."""
    log = event_change.c
    chosen = sa.select(event_change).where(log.at >= rows.utc(moment))
    # Of one save the first entry is the weightiest.
    entries = connection.execute(chosen.order_by(log.at.desc(), log.id.desc()).limit(LOOKED_AT)).mappings().all()
    told: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        known = told.get(entry["uid"])
        if known is None or (known["kind"] == "changed" and entry["kind"] != "changed") or known["at"] == entry["at"]:
            told[entry["uid"]] = entry
    return sorted(told.values(), key=lambda entry: (entry["at"], entry["id"]), reverse=True)


def mark(connection: Connection) -> Mark:
    """Return how far the log goes; its numbers grow in the order in which entries become visible."""
    newest = sa.select(sa.func.max(event_change.c.id), sa.func.max(event_change.c.at))
    number, at = connection.execute(newest).one()
    return Mark(int(number or 0), at or "")


def touched(connection: Connection, after: Mark, limit: int) -> list[tuple[Mark, str]]:
    """Return what was written after a mark, the oldest first: how far each goes, and the event's uid."""
    log = event_change.c
    chosen = sa.select(log.id, log.at, log.uid).where(_after(after)).order_by(log.id).limit(limit)
    return [(Mark(row.id, row.at), row.uid) for row in connection.execute(chosen)]


def added(connection: Connection, after: Mark, query: Query, limit: int) -> list[tuple[Mark, str]]:
    """Return the events that fit and came into the calendar after a mark, the newest first; no range is looked at."""
    needed = words.alternatives(connection, query)
    if needed is None:
        return []
    log = event_change.c
    chosen = (
        sa.select(log.id, log.at, log.uid)
        .join(event, event.c.uid == log.uid)
        .where(_after(after), log.kind == "added", event.c.withdrawn_at.is_(None), *_fits(query, needed))
        .order_by(log.id.desc())
        .limit(limit)
    )
    return [(Mark(row.id, row.at), row.uid) for row in connection.execute(chosen)]


def _after(mark: Mark) -> Any:
    # A database may give the number of a deleted entry anew: a later moment shows that.
    return sa.or_(event_change.c.id > mark.number, event_change.c.at > mark.at)


def forget(connection: Connection, now: datetime) -> None:
    """Delete what nobody will ask for any more."""
    connection.execute(sa.delete(event_change).where(event_change.c.at < rows.utc(now - KEPT)))


def _fits(query: Query, needed: list[list[str]]) -> list[Any]:
    conditions = [words.has(terms, event.c.uid) for terms in needed]
    if query.city:
        conditions.append(event.c.city == query.city.value)
    if query.category:
        conditions.append(event.c.category == query.category.value)
    if query.free is not None:
        conditions.append(event.c.free.is_(query.free))
    return conditions


def _held(connection: Connection, query: Query, uids: list[str]) -> set[str]:
    """Return the events among ``uids`` that take place in the query's range."""
    day, (first, end) = occurrence_day.c, _bounds(query)
    overlaps = (
        day.day >= first[:10],
        day.day <= end[:10],
        day.start < end,
        sa.or_(day.until > first, day.start >= first),
    )
    return set(connection.execute(sa.select(day.uid).where(day.uid.in_(uids), *overlaps)).scalars())


def _was_in(query: Query, entry: Mapping[str, Any]) -> bool:
    first, end = _bounds(query)
    return any(start and first <= start < end for start in (entry["before"], entry["after"]))


def _bounds(query: Query) -> tuple[str, str]:
    return rows.text(query.start) if query.start else "", rows.text(query.end) if query.end else "~"


def _change(entry: Mapping[str, Any], row: Mapping[str, Any]) -> Change:
    zone = row["timezone"]
    return Change(
        uid=entry["uid"],
        kind=entry["kind"],
        at=datetime.fromisoformat(entry["at"]).replace(tzinfo=UTC),
        event=rows.event_of(row),
        before=rows.moment(entry["before"], zone),
        after=rows.moment(entry["after"], zone),
    )
