"""Questions to the calendar: a walk along one index from the first day on, or over the few events of a rare word."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import rows, words
from bot.events.model import Occurrence, Query
from bot.events.schema import event as event_table
from bot.events.schema import occurrence, occurrence_day
from bot.events.terms import SUMMARY, language_term

STRETCH = 1_000
"""Rows of days that are searched for frequent words before anything is counted: mostly they fill the page."""
_WESTERNMOST = timedelta(hours=14)
"""Twelve hours to the last zone that a day begins in, and those that an event without an end goes on."""

day = occurrence_day.c
_ORDER = ("day", "start", "uid", "recurrence")


@dataclass(frozen=True)
class Search:
    """What is asked, ready for SQL: conditions on a day's own columns, words (terms, one of each list), chosen uids.

    ``titles`` True asks for what has all words in title or venue, False for what has some in the summary only.
    """

    conditions: tuple[Any, ...] = ()
    places: tuple[Any, ...] = ()
    words: tuple[list[str], ...] = ()
    needed: tuple[list[str], ...] = ()
    uids: list[str] | None = None
    titles: bool | None = None
    nothing: bool = False

    @property
    def frequent(self) -> bool:
        """Whether words must be looked for while the days are walked."""
        return bool(self.words) and self.uids is None

    def of_words(self, uid: Any) -> list[Any]:
        """Return the conditions on the words of the event of a column."""
        conditions = [words.has(terms, uid) for terms in self.words] if self.uids is None else []
        if not self.words or self.titles is None:
            return conditions
        in_titles = [words.has(terms, uid, SUMMARY) for terms in self.words]
        return in_titles if self.titles else [*conditions, sa.not_(sa.and_(*in_titles))]

    def choose(self, uids: list[str] | None) -> "Search":
        """Return the search among these events only, if they are known."""
        return self if uids is None else replace(self, uids=uids, nothing=not uids)

    def keys(self) -> Any:
        """Return the query for the days' keys, in the order of the answer."""
        keys = sa.select(*[day[name] for name in _ORDER]).where(*self.conditions, *self.of_words(day.uid))
        if self.uids is None:
            return keys.where(*self.places).order_by(*[day[name] for name in _ORDER])
        # The same order without the day, as on the first one whatever goes on has begun before. No index has it, and
        # the places were looked at when the events were chosen: nothing invites to walk the days after all.
        return keys.where(day.uid.in_(self.uids)).order_by(*[day[name] for name in _ORDER[1:]])


def search(connection: Connection, query: Query, now: datetime, titles: bool | None = None) -> Search:
    """Return what a query asks for; among few events if one of its words is rare."""
    alternatives = words.alternatives(connection, query)
    if alternatives is None:
        return Search(nothing=True)
    needed = words.rarest_first(connection, alternatives)
    spoken = [language_term(query.language)] if query.language else None
    own = tuple(terms for terms, _ in needed if terms != spoken)
    conditions = (*_range(query, now), *_filters(query))
    found = Search(conditions, _places(query), own, tuple(terms for terms, _ in needed), titles=titles)
    if not needed or needed[0][1] >= words.PROBED:
        return found
    return found.choose(words.few(connection, found.needed, query))


def page(connection: Connection, found: Search, query: Query, limit: int, offset: int) -> list[Occurrence]:
    """Return a page of what was found, by start, then uid."""
    if found.nothing or limit <= 0:
        return []
    if not found.frequent:
        keys = found.keys().limit(limit).offset(offset).subquery("page")
        return occurrences(connection, keys, (keys.c.start, keys.c.uid, keys.c.recurrence))
    own = occurrence.c
    walked = [(key.uid, key.recurrence) for key in _walk(connection, found, query, limit, offset)]
    chosen = sa.select(own.uid, own.recurrence).where(sa.tuple_(own.uid, own.recurrence).in_(walked)).subquery()
    return occurrences(connection, chosen, (own.start, own.uid, own.recurrence)) if walked else []


def total(connection: Connection, found: Search, query: Query, cap: int) -> int:
    """Return how many occurrences were found, counting no further than ``cap``."""
    if found.frequent:
        found = found.choose(words.few(connection, found.needed, query))
    if found.nothing:
        return 0
    some = found.keys().limit(cap).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


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


def _walk(connection: Connection, found: Search, query: Query, limit: int, offset: int) -> list[Any]:
    """Return the keys of a page of frequent words."""

    def read(search: Search, limit: int, offset: int) -> list[Any]:
        return list(connection.execute(search.keys().limit(limit).offset(offset)))

    edge = connection.execute(replace(found, words=()).keys().limit(1).offset(STRETCH + 4 * offset)).first()
    if edge is None:
        return read(found, limit, offset)
    first = read(replace(found, conditions=(*found.conditions, day.day <= edge.day)), limit, offset)
    if len(first) == limit:
        return first
    chosen = found.choose(words.few(connection, found.needed, query))
    if not chosen.frequent or offset:
        return read(chosen, limit, offset)
    return first + read(replace(found, conditions=(*found.conditions, day.day > edge.day)), limit - len(first), 0)


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


def _places(query: Query) -> tuple[Any, ...]:
    city = (day.city == query.city.value,) if query.city else ()
    return (*city, day.category == query.category.value) if query.category else city


def _filters(query: Query) -> list[Any]:
    conditions = []
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
