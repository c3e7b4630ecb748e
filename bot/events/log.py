"""The change log: what happened to events since a moment, one entry an event."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import rows, words
from bot.events.model import Change, Query
from bot.events.schema import event, event_change, occurrence_day

KEPT = timedelta(days=400)
LOOKED_AT = 1_000
"""Entries: after a large import "what is new?" looks at the newest ones only."""


def since(connection: Connection, moment: datetime, query: Query, limit: int) -> list[Change]:
    """Return what happened from ``moment`` on to events that fit the query, newest first, one entry an event.

    That an event was only changed is told if nothing else happened to it. A range of the query fits an event that
    takes place in it, or did before it was moved, cancelled or withdrawn.
    """
    recent = sa.select(event_change).where(event_change.c.at >= rows.utc(moment))
    recent = recent.order_by(event_change.c.at.desc(), event_change.c.id.desc()).limit(LOOKED_AT)
    change = recent.subquery("recent").c
    other = event_change.alias()
    more = sa.exists().where(other.c.uid == change.uid, other.c.at >= rows.utc(moment), other.c.kind != "changed")
    # Of one save the first entry is the weightiest.
    newest = sa.func.row_number().over(partition_by=change.uid, order_by=(change.at.desc(), change.id))
    ranked = sa.select(*change, newest.label("rank")).where(
        sa.or_(change.kind != "changed", sa.not_(more)), *_fits(connection, query, change)
    )
    entries = ranked.subquery("entry")
    columns = [entries.c[name].label(f"c_{name}") for name in ("kind", "at", "before", "after")]
    joined = entries.join(event, event.c.uid == entries.c.uid)
    chosen = sa.select(event, *columns).select_from(joined).where(entries.c.rank == 1)
    ordered = chosen.order_by(entries.c.at.desc(), entries.c.id.desc()).limit(limit)
    return [_change(row) for row in connection.execute(ordered).mappings()]


def forget(connection: Connection, now: datetime) -> None:
    """Delete what nobody will ask for any more."""
    connection.execute(sa.delete(event_change).where(event_change.c.at < rows.utc(now - KEPT)))


def _fits(connection: Connection, query: Query, change: Any) -> list[Any]:
    conditions = []
    if query.city:
        conditions.append(event.c.city == query.city.value)
    if query.category:
        conditions.append(event.c.category == query.category.value)
    if query.free is not None:
        conditions.append(event.c.free.is_(query.free))
    needed = words.alternatives(connection, query)
    if needed is None:
        return [sa.false()]
    conditions += [words.has(terms, event.c.uid) for terms in needed]
    of_event = sa.exists().where(event.c.uid == change.uid, *conditions)
    return [*([of_event] if conditions else []), *_in_range(query, change)]


def _in_range(query: Query, change: Any) -> list[Any]:
    if not query.start and not query.end:
        return []
    first = rows.text(query.start) if query.start else ""
    end = rows.text(query.end) if query.end else "~"
    told = [sa.and_(column >= first, column < end) for column in (change.before, change.after)]
    day = occurrence_day.c
    held = sa.exists().where(
        day.uid == change.uid, day.day >= first[:10], day.day <= end[:10], day.start < end, day.until > first
    )
    return [sa.or_(*told, held)]


def _change(row: Mapping[str, Any]) -> Change:
    zone = row["timezone"]
    return Change(
        uid=row["uid"],
        kind=row["c_kind"],
        at=datetime.fromisoformat(row["c_at"]).replace(tzinfo=UTC),
        event=rows.event_of(row),
        before=rows.moment(row["c_before"], zone),
        after=rows.moment(row["c_after"], zone),
    )
