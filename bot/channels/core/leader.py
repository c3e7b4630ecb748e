"""One process of several does what only one may do: it holds a lease in the database and renews it."""

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.channels.core import messenger_tables as tables
from bot.channels.core.messenger_tables import leader
from bot.database import insert_into


class Leader:
    """A lease by name. The clocks of the machines must agree to within much less than ``lease_seconds``."""

    def __init__(
        self, engine: Engine, name: str, owner: str, lease_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._name, self._owner = engine, name, owner
        self._lease, self._clock = lease_seconds, clock
        tables.create(engine)

    def hold(self) -> bool:
        """Take the lease or renew it; whether it is ours now. Blocks; call it more often than the lease is long."""
        now = self._clock()
        values = {"owner": self._owner, "until": now + self._lease}
        free = sa.or_(leader.c.owner == self._owner, leader.c.until < now)
        with self._engine.begin() as connection:
            insert = insert_into(connection, leader).values(name=self._name, **values)
            taken = insert.on_conflict_do_update(index_elements=[leader.c.name], set_=values, where=free)
            return bool(connection.execute(taken).rowcount)

    def release(self) -> None:
        """Give the lease back if it is ours, so that another process takes over at once. Blocks."""
        mine = (leader.c.name == self._name, leader.c.owner == self._owner)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(leader).where(*mine))
