"""Payloads of buttons in the 64 bytes that a messenger gives them: longer ones stand in a table, under their hash.

A payload is a text of ours that tapping sends as if it were typed, so a forged one can do no more than typing.
"""

import time
from collections.abc import Callable
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.channels.core import messenger_tables as tables
from bot.channels.core.messenger_tables import payload
from bot.database import insert_into

MAX_BYTES = 64
_PLAIN, _HASHED = "=", "#"


class Payloads:
    """Shortens payloads and reads them back; what is stored outlives restarts. All methods block."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine, self._clock = engine, clock
        tables.create(engine)

    def shorten(self, text: str) -> str:
        """Return what stands for ``text`` on a button: 1 to `MAX_BYTES` bytes."""
        if len((_PLAIN + text).encode()) <= MAX_BYTES:
            return _PLAIN + text
        digest, now = sha256(text.encode()).hexdigest()[: MAX_BYTES - 1], self._clock()
        with self._engine.begin() as connection:
            insert = insert_into(connection, payload).values(hash=digest, text=text, used_at=now)
            connection.execute(insert.on_conflict_do_update(index_elements=[payload.c.hash], set_={"used_at": now}))
        return _HASHED + digest

    def read(self, data: str) -> str | None:
        """Return the text behind ``data``, or None if there is none (any more)."""
        if data.startswith(_PLAIN):
            return data[1:]
        if not data.startswith(_HASHED):
            return None
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(payload.c.text).where(payload.c.hash == data[1:])).scalar()
        return str(found) if found is not None else None

    def purge(self, before: float) -> int:
        """Delete what no button has used since a moment (seconds since 1970); return how many."""
        with self._engine.begin() as connection:
            return int(connection.execute(sa.delete(payload).where(payload.c.used_at < before)).rowcount)
