"""What a messenger's chats wrote and are to be told, in the database: a killed process loses nothing.

A process leases a chat for some seconds and works for it alone: it sends what is to be sent, in order, and runs what
is to be answered, one after the other. Answers and "answered" are written in one transaction, which fails if the
lease has gone to another. Sending cannot be part of a transaction, so a rule decides what a death in the middle
means: an answer is sent again, a message that nobody asked for is not (it is ``lost``, and counted).
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.channels.core import messenger_tables as tables
from bot.channels.core.answers import Answer
from bot.channels.core.messenger_tables import FAILED, LOST, SENDING, SENT, WAITING, chat, outgoing, update
from bot.database import insert_into


@dataclass(frozen=True)
class Job:
    """A visitor's message to answer; ``attempt`` counts from 1, more if a process died over it."""

    chat: str
    number: int
    update_id: str
    attempt: int
    body: dict[str, Any]


@dataclass(frozen=True)
class Parcel:
    """Something to send; ``parts`` of its messages are sent already. ``options`` are the channel's own."""

    chat: str
    number: int
    answer: Answer
    unasked: bool
    parts: int
    attempt: int
    queued_at: float
    options: dict[str, Any] = field(default_factory=dict)


class Mailbox:
    """One process's side of a messenger's mail. All methods block; times are seconds since 1970."""

    def __init__(
        self, engine: Engine, channel: str, owner: str, lease: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._channel, self._owner, self._lease, self._clock = engine, channel, owner, lease, clock
        tables.create(engine)

    def receive(self, update_id: str, chat_id: str, body: dict[str, Any], sequence: int | None = None) -> bool:
        """Keep a visitor's message until it is answered; False if it was received before.

        ``sequence`` is its place among those that wait if the messenger numbers them (default: the order of arrival).
        """
        now = self._clock()
        row = {
            "channel": self._channel, "chat": chat_id, "update_id": update_id, "received_at": now, "pending": True,
            "sequence": round(now * 1000) if sequence is None else sequence,
            "body": json.dumps(body, ensure_ascii=False),
        }  # fmt: skip
        with self._engine.begin() as connection:
            tables.touch(connection, self._channel, chat_id, now)
            insert = insert_into(connection, update).values(row).on_conflict_do_nothing()
            return bool(connection.execute(insert).rowcount)

    def post(self, chat_id: str, answer: Answer, key: str | None = None, connection: Connection | None = None) -> bool:
        """Have something sent that nobody asked for, at most once; False if ``key`` was posted before.

        With ``connection`` it is part of the caller's transaction on the same database.
        """
        row = {"unasked": True, "key": key, **self._row(chat_id, answer, {})}
        with nullcontext(connection) if connection is not None else self._engine.begin() as used:
            # Only made, not touched: what we say keeps no visitor's data longer.
            made = insert_into(used, chat).values(channel=self._channel, chat=chat_id, used_at=self._clock())
            used.execute(made.on_conflict_do_nothing())
            return bool(used.execute(insert_into(used, outgoing).values(row).on_conflict_do_nothing()).rowcount)

    def take(self, chat_id: str, unasked: bool = True) -> Job | Parcel | None:
        """Lease a chat and return what is next: something to send, else the oldest message to answer.

        None if nothing waits or the chat must rest, which ends the lease, or if another process has it.
        ``unasked`` says whether this process sends what nobody asked for.
        """
        now = self._clock()
        lease = sa.update(chat).where(*self._chat(chat_id), self._free(now))
        with self._engine.begin() as connection:
            held = lease.values(owner=self._owner, owned_until=now + self._lease)
            if not connection.execute(held).rowcount:
                return None
            self._give_up_interrupted(connection, chat_id)
            rest = sa.select(chat.c.not_before).where(*self._chat(chat_id))
            found = None
            if connection.execute(rest).scalar_one() <= now:
                found = self._parcel(connection, chat_id, unasked) or self._job(connection, chat_id)
            if found is None:
                connection.execute(lease.values(owner=None, owned_until=0))
            return found

    def finish(
        self, job: Job, answers: Sequence[Answer], options: dict[str, Any] | None = None, language: str | None = None
    ) -> bool:
        """Write the answers of a job and that it is answered; False if another process has done so, or it is gone.

        ``options`` go with each answer, ``language`` is kept as the chat's.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            hold = sa.update(chat).where(*self._chat(job.chat), chat.c.owner == self._owner)
            kept = {"language": language} if language else {}
            if not connection.execute(hold.values(owned_until=now + self._lease, **kept)).rowcount:
                return False
            done = sa.update(update).where(update.c.id == job.number, update.c.pending)
            if not connection.execute(done.values(pending=False, body="")).rowcount:
                return False
            for answer in answers:
                row = {"unasked": False, **self._row(job.chat, answer, options or {})}
                connection.execute(sa.insert(outgoing).values(row))
        return True

    def wanted(self, job: Job) -> bool:
        """Whether a job's chat was not forgotten meanwhile, whoever answers."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(update.c.id).where(update.c.id == job.number)).first() is not None

    def begin(self, parcel: Parcel) -> bool:
        """Note that a parcel is being sent from now on; False if it is no longer to be sent."""
        its = sa.update(outgoing).where(outgoing.c.id == parcel.number, outgoing.c.state.in_((WAITING, SENDING)))
        with self._engine.begin() as connection:
            return bool(connection.execute(its.values(state=SENDING)).rowcount)

    def advance(self, parcel: Parcel, parts: int) -> bool:
        """Note that so many of a parcel's messages are sent; False if the next is not for this process to send.

        Then the chat is forgotten, or another process works for it, as this one's lease had run out.
        """
        its = (outgoing.c.id == parcel.number, outgoing.c.state == SENDING, outgoing.c.parts < parts)
        held = sa.select(chat.c.chat).where(*self._chat(parcel.chat), chat.c.owner == self._owner)
        with self._engine.begin() as connection:
            connection.execute(sa.update(outgoing).where(*its).values(parts=parts))
            return connection.execute(held).first() is not None

    def sent(self, parcel: Parcel) -> None:
        """Note that all of a parcel is sent; its text is deleted."""
        self._close(parcel, SENT)

    def later(self, parcel: Parcel, seconds: float, parts: int | None = None, counts: bool = True) -> None:
        """Send a parcel after a pause, from part ``parts`` on; it was certainly not sent. The whole chat rests.

        ``counts`` says whether this was an attempt: to be asked to wait is none.
        """
        known = {} if parts is None else {"parts": parts}
        rest = sa.update(chat).where(*self._chat(parcel.chat))
        with self._engine.begin() as connection:
            connection.execute(rest.values(not_before=self._clock() + seconds))
            its = sa.update(outgoing).where(outgoing.c.id == parcel.number, outgoing.c.state == SENDING)
            connection.execute(its.values(state=WAITING, attempts=parcel.attempt - (not counts), **known))

    def give_up(self, parcel: Parcel, uncertain: bool = False) -> None:
        """Send a parcel no more: it cannot be sent, or (``uncertain``) may have been, and was not asked for."""
        self._close(parcel, LOST if uncertain else FAILED)

    def renew(self, chats: Iterable[str]) -> None:
        """Keep the leases of chats that are being worked for."""
        held = sa.update(chat).where(self._mine, chat.c.chat.in_(list(chats)), chat.c.owner == self._owner)
        with self._engine.begin() as connection:
            connection.execute(held.values(owned_until=self._clock() + self._lease))

    def release(self) -> None:
        """Give all leases back, so that another process goes on at once."""
        held = sa.update(chat).where(self._mine, chat.c.owner == self._owner)
        with self._engine.begin() as connection:
            connection.execute(held.values(owner=None, owned_until=0))

    def waiting(self, limit: int, unasked: bool = True) -> list[str]:
        """Return chats for which something is to be done now, those with something asked for first."""
        asked = sa.select(update.c.chat, sa.literal(0).label("rank"), update.c.received_at.label("since")).where(
            update.c.channel == self._channel, update.c.pending
        )
        to_send = sa.select(
            outgoing.c.chat,
            sa.case((outgoing.c.unasked, 1), else_=0).label("rank"),
            outgoing.c.queued_at.label("since"),
        ).where(outgoing.c.channel == self._channel, _is_open(), *([] if unasked else [sa.not_(outgoing.c.unasked)]))
        work, now = sa.union_all(asked, to_send).subquery(), self._clock()
        query = (
            sa.select(work.c.chat)
            .join(chat, sa.and_(chat.c.chat == work.c.chat, self._mine))
            .where(self._free(now), chat.c.not_before <= now)
            .group_by(work.c.chat)
            .order_by(sa.func.min(work.c.rank), sa.func.min(work.c.since))
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def language(self, chat_id: str) -> str | None:
        """Return the language of the last answer to a chat, or None."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(chat.c.language).where(*self._chat(chat_id))).scalar()  # type: ignore[no-any-return]

    def count(self, state: str) -> int:
        """Return how many pieces are in a state of `messenger_tables`, among them the ``lost``."""
        query = sa.select(sa.func.count()).where(outgoing.c.channel == self._channel, outgoing.c.state == state)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def move(self, old: str, new: str) -> None:
        """Give what waits for a chat to the one that it has become."""
        with self._engine.begin() as connection:
            tables.touch(connection, self._channel, new, self._clock())
            for table in (update, outgoing):
                its = sa.update(table).where(table.c.channel == self._channel, table.c.chat == old)
                connection.execute(its.values(chat=new))
            connection.execute(sa.delete(chat).where(*self._chat(old)))

    def forget(self, chat_id: str) -> int:
        """Delete all that is kept of a chat; return how many rows that were."""
        with self._engine.begin() as connection:
            # The chat first: what is being answered finds that it is gone.
            gone = int(connection.execute(sa.delete(chat).where(*self._chat(chat_id))).rowcount)
            for table in (update, outgoing):
                its = sa.delete(table).where(table.c.channel == self._channel, table.c.chat == chat_id)
                gone += int(connection.execute(its).rowcount)
            return gone

    def purge(self, before: float) -> int:
        """Delete what was answered or sent before a moment, and chats not used since; return how many rows."""
        old = (
            sa.delete(update).where(update.c.channel == self._channel, update.c.received_at < before),
            sa.delete(outgoing).where(outgoing.c.channel == self._channel, outgoing.c.queued_at < before),
            sa.delete(chat).where(
                self._mine, chat.c.used_at < before,
                ~sa.exists().where(outgoing.c.channel == self._channel, outgoing.c.chat == chat.c.chat),
            ),
        )  # fmt: skip
        with self._engine.begin() as connection:
            return sum(int(connection.execute(statement).rowcount) for statement in old)

    @property
    def _mine(self) -> Any:
        return chat.c.channel == self._channel

    def _chat(self, chat_id: str) -> tuple[Any, Any]:
        return self._mine, chat.c.chat == chat_id

    def _free(self, now: float) -> Any:
        return sa.or_(chat.c.owner.is_(None), chat.c.owner == self._owner, chat.c.owned_until < now)

    def _row(self, chat_id: str, answer: Answer, options: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({"answer": answer.as_data(), "options": options}, ensure_ascii=False)
        return {"channel": self._channel, "chat": chat_id, "state": WAITING, "queued_at": self._clock(), "body": body}

    def _parcel(self, connection: Connection, chat_id: str, unasked: bool) -> Parcel | None:
        query = sa.select(outgoing).where(
            outgoing.c.channel == self._channel, outgoing.c.chat == chat_id, outgoing.c.state == WAITING,
            *([] if unasked else [sa.not_(outgoing.c.unasked)]),
        )  # fmt: skip
        row = connection.execute(query.order_by(outgoing.c.id).limit(1)).first()
        if row is None:
            return None
        attempt, body = int(row.attempts) + 1, json.loads(row.body)
        its = sa.update(outgoing).where(outgoing.c.id == row.id)
        # What nobody asked for still waits for its turn: only from `begin` on may a death mean that it was sent.
        state = WAITING if row.unasked else SENDING
        connection.execute(its.values(state=state, attempts=attempt))
        answer = Answer.from_data(body["answer"])
        return Parcel(
            chat_id, int(row.id), answer, bool(row.unasked), int(row.parts), attempt, row.queued_at, body["options"]
        )

    def _job(self, connection: Connection, chat_id: str) -> Job | None:
        query = sa.select(update).where(update.c.channel == self._channel, update.c.chat == chat_id, update.c.pending)
        row = connection.execute(query.order_by(update.c.sequence, update.c.id).limit(1)).first()
        if row is None:
            return None
        attempt = int(row.attempts) + 1
        connection.execute(sa.update(update).where(update.c.id == row.id).values(attempts=attempt))
        return Job(chat_id, int(row.id), row.update_id, attempt, json.loads(row.body))

    def _give_up_interrupted(self, connection: Connection, chat_id: str) -> None:
        """Decide about what was being sent when its process died: this one has the chat now, and sends nothing yet."""
        its = (outgoing.c.channel == self._channel, outgoing.c.chat == chat_id, outgoing.c.state == SENDING)
        connection.execute(sa.update(outgoing).where(*its, outgoing.c.unasked).values(state=LOST, body=""))
        connection.execute(sa.update(outgoing).where(*its, sa.not_(outgoing.c.unasked)).values(state=WAITING))

    def _close(self, parcel: Parcel, state: str) -> None:
        # Also one that another process has taken over and put off: what is sent is sent.
        its = (outgoing.c.id == parcel.number, _is_open())
        with self._engine.begin() as connection:
            if state == SENT:
                # A key must be known for as long as it may be posted again; an answer has none.
                connection.execute(sa.delete(outgoing).where(*its, outgoing.c.key.is_(None)))
            connection.execute(sa.update(outgoing).where(*its).values(state=state, body=""))


def _is_open() -> Any:
    return outgoing.c.state.in_((WAITING, SENDING))
