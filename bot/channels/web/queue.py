"""The visitors' messages that wait for an answer, shared by all processes on one database.

A process leases a session for some seconds, runs its messages one by one and writes answers and "answered" in one
transaction, which fails if the lease has gone to another: so a process may die at any point.
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.channels.core.answers import Answer
from bot.channels.web.outbox import Written, answer_row, insert, sender_of
from bot.channels.web.tables import message, session


@dataclass(frozen=True)
class Job:
    """A message to answer; ``attempt`` counts from 1, more if a process died over it."""

    session: str
    number: int
    conversation: int
    attempt: int
    written: Written

    @property
    def sender(self) -> str:
        """Rasa's name for the conversation."""
        return sender_of(self.session, self.conversation)

    @property
    def message_id(self) -> str:
        """Rasa's name for the message."""
        return f"web-{self.number}"


class Queue:
    """One process's side of the queue. All methods block."""

    def __init__(self, engine: Engine, owner: str, lease: float) -> None:
        self._engine, self._owner, self._lease = engine, owner, lease

    def take(self, session_id: str) -> Job | None:
        """Lease a session and return its oldest waiting message.

        None if nothing waits, which ends the lease, or if another process has it.
        """
        now = time.time()
        free = sa.or_(session.c.owner.is_(None), session.c.owner == self._owner, session.c.owned_until < now)
        with self._engine.begin() as connection:
            lease = sa.update(session).where(session.c.id == session_id, free)
            if not connection.execute(lease.values(owner=self._owner, owned_until=now + self._lease)).rowcount:
                return None
            waiting = sa.select(message).where(message.c.session == session_id, message.c.pending)
            row = connection.execute(waiting.order_by(message.c.id).limit(1)).first()
            if row is None:
                connection.execute(lease.values(owner=None, owned_until=0))
                return None
            attempt = int(row.attempts) + 1
            connection.execute(sa.update(message).where(message.c.id == row.id).values(attempts=attempt))
            its = sa.select(session.c.conversation).where(session.c.id == session_id)
            conversation = int(connection.execute(its).scalar_one())
        return Job(session_id, int(row.id), conversation, attempt, Written(**json.loads(row.body)))

    def finish(self, job: Job, answers: Sequence[Answer]) -> bool:
        """Write the answers; False if they are no longer wanted.

        That is so when the session was deleted or restarted, or another process answers.
        """
        mine = (session.c.id == job.session, session.c.owner == self._owner, sa.not_(session.c.deleted))
        with self._engine.begin() as connection:
            now = time.time()
            hold = sa.update(session).where(*mine, session.c.conversation == job.conversation)
            if not connection.execute(hold.values(used_at=now, owned_until=now + self._lease)).rowcount:
                return False
            done = sa.update(message).where(message.c.id == job.number, message.c.pending).values(pending=False)
            if not connection.execute(done).rowcount:
                return False
            for answer in answers:
                insert(connection, job.session, answer_row(answer, job.number))
        return True

    def wanted(self, job: Job) -> bool:
        """Whether a job's conversation still goes on, whoever answers."""
        its = (session.c.id == job.session, session.c.conversation == job.conversation, sa.not_(session.c.deleted))
        with self._engine.connect() as connection:
            return connection.execute(sa.select(session.c.id).where(*its)).first() is not None

    def renew(self, sessions: Iterable[str]) -> None:
        """Keep the leases of sessions whose turns still run."""
        held = sa.update(session).where(session.c.id.in_(list(sessions)), session.c.owner == self._owner)
        with self._engine.begin() as connection:
            connection.execute(held.values(owned_until=time.time() + self._lease))

    def release(self) -> None:
        """Give all leases back, so that another process goes on at once."""
        held = sa.update(session).where(session.c.owner == self._owner)
        with self._engine.begin() as connection:
            connection.execute(held.values(owner=None, owned_until=0))

    def waiting(self, limit: int) -> list[str]:
        """Return sessions with waiting messages that no living process has."""
        free = sa.or_(session.c.owner.is_(None), session.c.owner == self._owner, session.c.owned_until < time.time())
        query = (
            sa.select(message.c.session)
            .join(session, session.c.id == message.c.session)
            .where(message.c.pending, free)
            .group_by(message.c.session)
            .order_by(sa.func.min(message.c.id))
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def newest(self) -> int:
        """Return the number of the newest message of all, 0 if there is none."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.max(message.c.id))).scalar() or 0)

    def touched(self, after: int) -> dict[str, int]:
        """Return the sessions with messages after a number, each with its newest."""
        query = sa.select(message.c.session, sa.func.max(message.c.id)).where(message.c.id > after)
        with self._engine.connect() as connection:
            return {name: int(number) for name, number in connection.execute(query.group_by(message.c.session))}
