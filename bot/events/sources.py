"""The calendars that are fetched from elsewhere, and how each of them fares."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events.rows import utc
from bot.events.schema import event_source

_NOTED = {"last_success", "last_error", "last_hash", "held_back"}


@dataclass(frozen=True)
class Source:
    """A calendar at an address. ``held_back`` says why its last version waits for a person, '' if none does."""

    name: str
    url: str
    format: str = ""
    refresh_minutes: int = 60
    last_success: datetime | None = None
    last_error: str = ""
    last_hash: str = ""
    held_back: str = ""


def all_of(connection: Connection) -> list[Source]:
    """Return all sources by name."""
    found = connection.execute(sa.select(event_source).order_by(event_source.c.name)).mappings()
    return [_source(dict(row)) for row in found]


def put(connection: Connection, source: Source) -> None:
    """Add a source, or change its address, format and interval; what was noted of it stays."""
    chosen = {"url": source.url, "format": source.format, "refresh_minutes": source.refresh_minutes}
    updated = connection.execute(sa.update(event_source).where(event_source.c.name == source.name).values(chosen))
    if not updated.rowcount:
        connection.execute(event_source.insert().values(name=source.name, **chosen, **_stored(source)))


def note(connection: Connection, name: str, noted: dict[str, Any]) -> bool:
    """Write down how a fetch went; False if there is no such source."""
    if unknown := set(noted) - _NOTED:
        raise TypeError(f"note_source takes {', '.join(sorted(_NOTED))}, not {', '.join(sorted(unknown))}")
    values = {key: utc(value) if isinstance(value, datetime) else value for key, value in noted.items()}
    return bool(connection.execute(sa.update(event_source).where(event_source.c.name == name).values(values)).rowcount)


def remove(connection: Connection, name: str) -> bool:
    """Forget a source; False if there is no such one."""
    return bool(connection.execute(sa.delete(event_source).where(event_source.c.name == name)).rowcount)


def _stored(source: Source) -> dict[str, Any]:
    success = utc(source.last_success) if source.last_success else None
    kept = {name: getattr(source, name) for name in _NOTED - {"last_success"}}
    return {**kept, "last_success": success}


def _source(row: dict[str, Any]) -> Source:
    success = row["last_success"]
    moment = datetime.fromisoformat(success).replace(tzinfo=UTC) if success else None
    return Source(**{**row, "last_success": moment})
