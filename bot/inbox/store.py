"""The questions that staff should look at: kept masked, counted, forgotten with their sender and with time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.database import insert_into
from bot.inbox import tables
from bot.inbox.connection import explained, reading, writing
from bot.inbox.sayings import StaffError
from bot.inbox.secret import Hasher
from bot.inbox.tables import dropped, question, trace
from bot.inbox.turn import OPEN, Kind, Turn
from bot.text import key

MAX_CHANNEL, MAX_SUBJECT = 32, 64


@dataclass(frozen=True)
class Question:
    """A masked question of one language, channel and kind; times in UTC seconds, ``senders`` are different ones."""

    id: int
    text: str
    language: str
    channel: str
    kind: Kind
    subject: str
    count: int
    senders: int
    first_seen: float
    last_seen: float


class Inbox:
    """One installation's inbox."""

    def __init__(self, engine: Engine, hashed: Hasher, days: int) -> None:
        self._engine, self._hashed, self._age = engine, hashed, timedelta(days=days)
        with explained():
            tables.create(engine)

    def add(self, turns: Sequence[Turn], now: datetime) -> None:
        """Keep the open ones of ``turns``, whose texts are masked already; dropped questions stay out."""
        with writing(self._engine) as connection:
            for turn in turns:
                if turn.kind in OPEN and (folded := key(turn.text)):
                    self._add(connection, turn, self._hashed("question", folded), now.timestamp())

    def _add(self, connection: Connection, turn: Turn, key_hash: str, now: float) -> None:
        if connection.execute(sa.select(dropped.c.key_hash).where(dropped.c.key_hash == key_hash)).first():
            return
        channel = turn.channel[:MAX_CHANNEL]
        same = {"key_hash": key_hash, "language": turn.language, "channel": channel, "kind": turn.kind.value}
        row = {**same, "subject": (turn.entry or "")[:MAX_SUBJECT], "text": turn.text}
        connection.execute(insert_into(connection, question).values(row).on_conflict_do_nothing())
        number = connection.execute(sa.select(question.c.id).filter_by(**same)).scalar_one()
        seen = insert_into(connection, trace).values(
            question=number, sender_hash=self._hashed("sender", turn.sender), count=1, first_seen=now, last_seen=now
        )
        again = {"count": trace.c.count + 1, "last_seen": now}
        connection.execute(seen.on_conflict_do_update(index_elements=list(trace.primary_key), set_=again))

    def questions(self, language: str | None = None, kind: Kind | None = None) -> list[Question]:
        """Return what is kept, the most frequent first."""
        count = sa.func.sum(trace.c.count)
        columns = [getattr(question.c, name) for name in ("id", "text", "language", "channel", "kind", "subject")]
        query = (
            sa.select(*columns, count, sa.func.count(), sa.func.min(trace.c.first_seen), sa.func.max(trace.c.last_seen))
            .join(trace, trace.c.question == question.c.id)
            .group_by(*columns)
            .order_by(count.desc(), question.c.id)
        )
        if language:
            query = query.where(question.c.language == language)
        if kind:
            query = query.where(question.c.kind == kind.value)
        with reading(self._engine) as connection:
            return [
                Question(number, text, tongue, channel, Kind(found), subject, int(asked), senders, first, last)
                for number, text, tongue, channel, found, subject, asked, senders, first, last in connection.execute(
                    query
                )
            ]

    def get(self, numbers: Iterable[int]) -> list[Question]:
        """Return the questions of these numbers.

        Raises:
            StaffError: one of them is not in the inbox.
        """
        known = {each.id: each for each in self.questions()}
        wanted = list(numbers)
        if missing := [str(number) for number in wanted if number not in known]:
            raise StaffError("no_question", numbers=", ".join(missing))
        return [known[number] for number in wanted]

    def remove(self, numbers: Iterable[int]) -> int:
        """Take questions out of the inbox, whatever they were asked for; return how many rows went."""
        with writing(self._engine) as connection:
            return self._remove(connection, self._keys(connection, numbers))

    def drop(self, numbers: Iterable[int], now: datetime) -> int:
        """Take questions out and keep them out for as long as questions are kept; return how many rows went."""
        with writing(self._engine) as connection:
            keys = self._keys(connection, numbers)
            for key_hash in keys:
                row = insert_into(connection, dropped).values(key_hash=key_hash, dropped_at=now.timestamp())
                connection.execute(row.on_conflict_do_nothing())
            return self._remove(connection, keys)

    def forget(self, sender: str) -> int:
        """Delete what ``sender`` left; a question that others asked too stays with their counts. Return the number."""
        with writing(self._engine) as connection:
            mine = trace.c.sender_hash == self._hashed("sender", sender)
            gone = connection.execute(sa.delete(trace).where(mine)).rowcount
            _delete_untraced(connection)
            return int(gone)

    def purge(self, now: datetime) -> int:
        """Delete what is older than the inbox keeps; return how many traces went."""
        oldest = (now - self._age).timestamp()
        with writing(self._engine) as connection:
            gone = connection.execute(sa.delete(trace).where(trace.c.last_seen < oldest)).rowcount
            connection.execute(sa.delete(dropped).where(dropped.c.dropped_at < oldest))
            _delete_untraced(connection)
            return int(gone)

    @staticmethod
    def _keys(connection: Connection, numbers: Iterable[int]) -> list[str]:
        """Return the hashes of questions: the same question in other channels and kinds goes with them."""
        chosen = sa.select(question.c.key_hash).where(question.c.id.in_(list(numbers))).distinct()
        return list(connection.execute(chosen).scalars())

    @staticmethod
    def _remove(connection: Connection, keys: list[str]) -> int:
        its = question.c.key_hash.in_(keys)
        connection.execute(sa.delete(trace).where(trace.c.question.in_(sa.select(question.c.id).where(its))))
        return int(connection.execute(sa.delete(question).where(its)).rowcount)


def _delete_untraced(connection: Connection) -> None:
    connection.execute(sa.delete(question).where(question.c.id.not_in(sa.select(trace.c.question))))
