"""Questions to the calendar: a walk along one index from the first day on, or over the few events of a rare word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import rows
from bot.events.model import Occurrence, Query
from bot.events.schema import event as event_table
from bot.events.schema import occurrence, occurrence_day, search_part, search_term
from bot.events.terms import SUMMARY, Token, language_term, tokens

RARE = 500
"""Events: up to so many that fit the words are looked up one by one, else the date range drives."""
PROBED = 4 * RARE
MOST_TERMS = 200
_WESTERNMOST = timedelta(hours=14)
"""Twelve hours to the last zone that a day begins in, and those that an event without an end goes on."""

day = occurrence_day.c


@dataclass(frozen=True)
class Search:
    """What is asked, ready for SQL: conditions on the rows of days; none if nothing can match."""

    conditions: tuple[Any, ...]
    nothing: bool = False


def search(connection: Connection, query: Query, now: datetime, titles: bool | None = None) -> Search:
    """Return the conditions of a query.

    ``titles`` True asks for what has all words in title or venue, False for what has some in the summary only.
    """
    conditions = [*_range(query, now), *_filters(query)]
    needed = alternatives(connection, query)
    if needed is None:
        return Search((), nothing=True)
    uids = _few(connection, needed, query) if needed else None
    if uids is not None and not uids:
        return Search((), nothing=True)
    words = needed[: len(needed) - bool(query.language)]
    conditions += [has(terms, day.uid) for terms in words] if uids is None else [day.uid.in_(uids)]
    if words and titles is not None:
        in_titles = sa.and_(*[has(terms, day.uid, SUMMARY) for terms in words])
        conditions.append(in_titles if titles else sa.not_(in_titles))
    return Search(tuple(conditions))


def page(connection: Connection, found: Search, limit: int, offset: int) -> list[Occurrence]:
    """Return a page of what was found, by start, then uid."""
    if found.nothing or limit <= 0:
        return []
    keys = sa.select(day.day, day.start, day.uid, day.recurrence).where(*found.conditions)
    order = (day.day, day.start, day.uid, day.recurrence)
    rows_wanted = keys.order_by(*order).limit(limit).offset(offset).subquery("page")
    return occurrences(connection, rows_wanted, (rows_wanted.c.start, rows_wanted.c.uid, rows_wanted.c.recurrence))


def occurrences(connection: Connection, keys: Any, order: Sequence[Any]) -> list[Occurrence]:
    """Return the occurrences whose uid and recurrence stand in ``keys``."""
    joined = occurrence.join(
        keys, sa.and_(occurrence.c.uid == keys.c.uid, occurrence.c.recurrence == keys.c.recurrence)
    ).join(event_table, event_table.c.uid == occurrence.c.uid)
    columns = [column.label(f"o_{column.name}") for column in occurrence.c]
    found = []
    events: dict[str, Any] = {}
    for row in connection.execute(sa.select(event_table, *columns).select_from(joined).order_by(*order)).mappings():
        if row["uid"] not in events:
            events[row["uid"]] = rows.event_of(row)
        values = {column.name: row[f"o_{column.name}"] for column in occurrence.c}
        found.append(rows.occurrence_of(values, events[row["uid"]]))
    return found


def total(connection: Connection, found: Search, cap: int) -> int:
    """Return how many occurrences were found, counting no further than ``cap``."""
    if found.nothing:
        return 0
    some = sa.select(sa.literal(1)).select_from(occurrence_day).where(*found.conditions).limit(cap).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def alternatives(connection: Connection, query: Query) -> list[list[str]] | None:
    """Return the terms of which an event needs one of each list (a language's comes last), or None if it has none."""
    wanted = tokens(query.words)
    if query.words and not wanted:
        return None
    found = [_terms(connection, token) for token in wanted]
    return [*found, [language_term(query.language)]] if query.language else found


def has(terms: list[str], uid: Any, before: int | None = None) -> Any:
    """Return the condition that the event of ``uid`` has one of the terms, in a place ``before`` another."""
    term = search_term.alias()
    conditions = [term.c.term.in_(terms), term.c.uid == uid]
    if before is not None:
        conditions.append(term.c.place < before)
    return sa.exists().where(*conditions)


def _range(query: Query, now: datetime) -> list[Any]:
    over = query.end is not None and query.end <= now.replace(tzinfo=None)
    first = query.start.date() if query.start else None
    conditions = []
    if not over:
        conditions.append(day.gone_utc > rows.utc(now))
        earliest = (now.astimezone(UTC) - _WESTERNMOST).date()
        first = max(first, earliest) if first else earliest
    if first:
        # On the first day whatever goes on, later only what begins: so each is met once, in the order of its start.
        conditions += [day.day >= first.isoformat(), sa.or_(day.first, day.day == first.isoformat())]
    else:
        conditions.append(day.first)
    if query.start:
        start = rows.text(query.start)
        conditions.append(sa.or_(day.until > start, day.start >= start))
    if query.end:
        end = rows.text(query.end + timedelta(seconds=bool(query.end.microsecond)))
        conditions += [day.day <= end[:10], day.start < end]
    return conditions


def _filters(query: Query) -> list[Any]:
    conditions = []
    if query.city:
        conditions.append(day.city == query.city.value)
    if query.category:
        conditions.append(day.category == query.category.value)
    if query.free is not None:
        conditions.append(day.free.is_(query.free))
    if query.language:
        conditions.append(day.languages.contains(rows.spoken([query.language]), autoescape=True))
    if query.time_of_day:
        conditions += _clock(*query.time_of_day)
    return conditions


def _clock(begin: time, end: time) -> list[Any]:
    first, last = begin.isoformat("minutes"), end.isoformat("minutes")
    if begin < end:
        return [day.clock >= first, day.clock < last]
    return [day.clock != "", sa.or_(day.clock >= first, day.clock < last)]


def _terms(connection: Connection, token: Token) -> list[str]:
    """Return the terms of the calendar that match a word: whole, by its stem, or as part of a compound."""
    found = dict.fromkeys(token.terms)
    for part in token.parts:
        begins = search_part.c.part.between(part, part + "\U0010ffff")
        found |= dict.fromkeys(
            connection.execute(sa.select(search_part.c.term).where(begins).distinct().limit(MOST_TERMS)).scalars()
        )
    return list(found)


def _few(connection: Connection, needed: list[list[str]], query: Query) -> list[str] | None:
    """Return the uids of the events that have all the words, or None if they are many."""
    counted = sorted(needed, key=lambda terms: _frequency(connection, terms))
    term = search_term.alias("rarest")
    conditions = [term.c.term.in_(counted[0])]
    conditions += [term.c.city == query.city.value] if query.city else []
    conditions += [term.c.category == query.category.value] if query.category else []
    for terms in counted[1:]:
        other = search_term.alias()
        conditions.append(sa.exists().where(other.c.term.in_(terms), other.c.uid == term.c.uid))
    uids = sa.select(term.c.uid).where(*conditions).limit(PROBED + 1)
    found = connection.execute(uids).scalars().all()
    unique = set(found)
    return sorted(unique) if len(found) <= PROBED and len(unique) <= RARE else None


def _frequency(connection: Connection, terms: list[str]) -> int:
    some = sa.select(sa.literal(1)).select_from(search_term).where(search_term.c.term.in_(terms)).limit(PROBED)
    return int(connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())
