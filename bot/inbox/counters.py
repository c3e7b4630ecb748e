"""How many messages a day, by channel, language, what became of them, and entry. No texts, no senders."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.database import insert_into
from bot.inbox import tables
from bot.inbox.connection import explained, reading, writing
from bot.inbox.store import MAX_CHANNEL, MAX_SUBJECT
from bot.inbox.tables import turn_count
from bot.inbox.turn import Kind, Turn


@dataclass(frozen=True)
class Count:
    """So many messages of a day that agree in everything else; ``subject`` is an entry, a topic's intent, or ""."""

    day: date
    channel: str
    language: str
    kind: Kind
    subject: str
    count: int


class Counters:
    """The daily numbers of one installation."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with explained():
            tables.create(engine)

    def add(self, turns: Iterable[Turn], day: date) -> None:
        """Count ``turns`` on ``day``."""
        counted = Counter(
            (turn.channel[:MAX_CHANNEL], turn.language, turn.kind.value, (turn.entry or "")[:MAX_SUBJECT])
            for turn in turns
        )
        names = [column.name for column in turn_count.primary_key]
        with writing(self._engine) as connection:
            for values, number in counted.items():
                row = insert_into(connection, turn_count).values((day.isoformat(), *values, number))
                more = {"count": turn_count.c.count + number}
                connection.execute(row.on_conflict_do_update(index_elements=names, set_=more))

    def between(self, first: date, last: date) -> list[Count]:
        """Return the counts from ``first`` to ``last``, both included."""
        days = turn_count.c.day.between(first.isoformat(), last.isoformat())
        query = sa.select(turn_count).where(days).order_by(*turn_count.primary_key)
        with reading(self._engine) as connection:
            return [
                Count(date.fromisoformat(row.day), row.channel, row.language, Kind(row.kind), row.subject, row.count)
                for row in connection.execute(query)
            ]
