"""Events in a database table, and the questions that visitors ask of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from bot.events.model import Category, City, Event, Filters, Status

metadata = sa.MetaData()
event_table = sa.Table(
    "event",
    metadata,
    sa.Column("uid", sa.String(255), primary_key=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("start", sa.String(32), nullable=False),  # local time in ISO 8601: sorts, and keeps its zone's meaning
    sa.Column("end", sa.String(32)),
    sa.Column("last_day", sa.String(10), nullable=False, index=True),
    sa.Column("all_day", sa.Boolean, nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("city", sa.String(16), nullable=False, index=True),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("category", sa.String(16), nullable=False, index=True),
    sa.Column("free", sa.Boolean),
    sa.Column("languages", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("titles", sa.Text, nullable=False),
    sa.Column("summaries", sa.Text, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
)


@dataclass(frozen=True)
class Saved:
    """What a save changed."""

    added: int
    changed: int
    unchanged: int


class EventStore:
    """All reading and writing of events; create it with an engine (`bot.database.connect`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        metadata.create_all(engine)

    def save(self, events: Iterable[Event]) -> Saved:
        """Add or replace events by uid, all or none; saving the same twice changes nothing."""
        added = changed = unchanged = 0
        with self._engine.begin() as connection:
            known = {row.uid: row for row in connection.execute(sa.select(event_table))}
            for event in events:
                values = _values(event)
                old = known.get(event.uid)
                if old is None:
                    connection.execute(event_table.insert().values(values))
                    added += 1
                elif dict(old._mapping) != values:
                    connection.execute(event_table.update().where(event_table.c.uid == event.uid).values(values))
                    changed += 1
                else:
                    unchanged += 1
        return Saved(added, changed, unchanged)

    def delete_samples(self) -> int:
        """Delete the sample calendar's events and return how many there were."""
        with self._engine.begin() as connection:
            return int(connection.execute(event_table.delete().where(event_table.c.sample)).rowcount)

    def count(self) -> int:
        """Return the number of events of any kind and time."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(event_table)).scalar_one())

    def upcoming(self, today: date, filters: Filters, limit: int, offset: int = 0) -> list[Event]:
        """Return events that have not ended before ``today``, by start; postponed ones among them."""
        query = sa.select(event_table).where(event_table.c.last_day >= today.isoformat())
        if filters.city:
            query = query.where(event_table.c.city == filters.city.value)
        if filters.category:
            query = query.where(event_table.c.category == filters.category.value)
        if filters.month:
            first, last = month_range(filters.month, today)
            query = query.where(event_table.c.start <= f"{last.isoformat()}T23:59:59")
            query = query.where(event_table.c.last_day >= first.isoformat())
        query = query.order_by(event_table.c.start, event_table.c.uid).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return [_event(row) for row in connection.execute(query)]


def month_range(month: int, today: date) -> tuple[date, date]:
    """Return the first and last day of a month's next occurrence; the current month counts as next."""
    year = today.year + (month < today.month)
    following = date(year + (month == 12), month % 12 + 1, 1)
    return date(year, month, 1), date.fromordinal(following.toordinal() - 1)


def _values(event: Event) -> dict[str, object]:
    return {
        "uid": event.uid,
        "status": event.status.value,
        "start": event.start.replace(tzinfo=None).isoformat(),
        "end": event.end.replace(tzinfo=None).isoformat() if event.end else None,
        "last_day": event.last_day.isoformat(),
        "all_day": event.all_day,
        "timezone": event.timezone,
        "city": event.city.value,
        "venue": event.venue,
        "category": event.category.value,
        "free": event.free,
        "languages": json.dumps(event.languages),
        "url": event.url,
        "titles": json.dumps(event.titles, ensure_ascii=False, sort_keys=True),
        "summaries": json.dumps(event.summaries, ensure_ascii=False, sort_keys=True),
        "sample": event.sample,
    }


def _event(row: Row) -> Event:
    zone = ZoneInfo(row.timezone)
    return Event(
        uid=row.uid,
        status=Status(row.status),
        start=datetime.fromisoformat(row.start).replace(tzinfo=zone),
        end=datetime.fromisoformat(row.end).replace(tzinfo=zone) if row.end else None,
        all_day=row.all_day,
        timezone=row.timezone,
        city=City(row.city),
        venue=row.venue,
        category=Category(row.category),
        free=row.free,
        languages=tuple(json.loads(row.languages)),
        url=row.url,
        titles=json.loads(row.titles),
        summaries=json.loads(row.summaries),
        sample=row.sample,
    )
