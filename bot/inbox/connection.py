"""Reading and writing transactions of the inbox and the numbers, and the one error that both may end in."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.errors import BotError

_LOCK = 0x696E6278  # any fixed number: names the lock among those of the database


class InboxUnavailableError(BotError):
    """Raised when the database of the inbox cannot be read or written."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection to read from."""
    with explained(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other writer of the inbox runs beside; all or nothing is kept."""
    with explained(), engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Taken at once: a reader that turns writer halfway would fail instead of waiting.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


@contextmanager
def explained() -> Iterator[None]:
    """Turn the database's errors into one for people.

    Raises:
        InboxUnavailableError: the database failed.
    """
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        # The driver's own text may hold the address with its password: only its kind is passed on.
        reason = type(getattr(error, "orig", None) or error).__name__
        raise InboxUnavailableError(
            f"the database of the inbox cannot be used ({reason}); check DATABASE_URL and that the database runs"
        ) from error
