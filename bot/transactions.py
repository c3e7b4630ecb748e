"""Reading and writing transactions of a room's tables, and the one error of the room that both may end in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.errors import BotError


@dataclass(frozen=True)
class Transactions:
    """How a room uses its database.

    ``error`` is raised when that fails, with ``name`` in its text; ``lock`` is any fixed number, which names the
    writers' lock among those of the database.
    """

    name: str
    error: type[BotError]
    lock: int

    @contextmanager
    def reading(self, engine: Engine) -> Iterator[Connection]:
        """Yield a connection to read from."""
        with self.explained(), engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        """Yield a connection in a transaction that no other writer of the room runs beside; all or nothing is kept."""
        with self.explained(), engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                # Taken at once: a reader that turns writer halfway would fail instead of waiting.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": self.lock})
            yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the database's errors into the room's."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            # The driver's own text may hold the address with its password: only its kind is passed on.
            reason = type(getattr(error, "orig", None) or error).__name__
            raise self.error(
                f"{self.name} cannot be used ({reason}); check DATABASE_URL and that the database runs"
            ) from error
