"""What visitors wrote and were answered, in the database: a restart or a second process loses and doubles nothing."""

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot import clock
from bot.channels.core.answers import Answer
from bot.channels.web import tables
from bot.channels.web.tables import message, session

PAGE = 100
HISTORY = 300
MAX_PENDING = 10
FIRST_CONVERSATION = 1
_SENDER = re.compile(r"web-(.+)-\d+")


class GoneError(Exception):
    """Raised when a session was deleted by its visitor."""


class BusyError(Exception):
    """Raised when too many messages of a session wait for their answers."""


@dataclass(frozen=True)
class Written:
    """A visitor's message as it is kept."""

    text: str
    language: str
    chosen: bool = False


@dataclass(frozen=True)
class Page:
    """What a stream sends next. ``answered`` is the newest message that has been answered, 0 if there is none."""

    messages: list[dict[str, Any]]
    pending: list[int]
    answered: int


@dataclass(frozen=True)
class Opinion:
    """What a visitor thinks of an answer: of whom, to which question; ``new`` is "up" or "down" if it has changed."""

    sender: str
    question: str
    language: str
    new: str | None


def sender_of(session_id: str, conversation: int) -> str:
    """Return Rasa's name for a session's conversation; a restarted one is another."""
    return f"web-{session_id}-{conversation}"


def session_of(sender: str) -> str | None:
    """Return the session of Rasa's name for a conversation, or None if it is of another channel."""
    found = _SENDER.fullmatch(sender)
    return found[1] if found else None


class Outbox:
    """Sessions and their messages. All methods block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        tables.create(engine)

    def accept(self, session_id: str, key: str, written: Written) -> tuple[int, bool]:
        """Keep a visitor's message until it is answered; return its number, and whether it was there already.

        Raises:
            GoneError: the session was deleted.
            BusyError: too many of its messages wait.
        """
        body = json.dumps(
            {"text": written.text, "language": written.language, "chosen": written.chosen}, ensure_ascii=False
        )
        with self._engine.begin() as connection:
            _lock(connection, session_id)
            same = sa.select(message.c.id).where(message.c.session == session_id, message.c.idempotency_key == key)
            if (known := connection.execute(same).scalar()) is not None:
                return int(known), True
            waiting = sa.select(sa.func.count()).where(message.c.session == session_id, message.c.pending)
            if connection.execute(waiting).scalar_one() >= MAX_PENDING:
                raise BusyError
            row = {"role": "user", "pending": True, "idempotency_key": key, "body": body}
            return insert(connection, session_id, row), False

    def post(self, session_id: str, answer: Answer) -> int:
        """Say something unasked to a session; return its number.

        Raises:
            GoneError: the session was deleted.
        """
        with self._engine.begin() as connection:
            _lock(connection, session_id)
            return insert(connection, session_id, answer_row(answer, None))

    def since(self, session_id: str, last: int) -> Page:
        """Return what comes after a number, oldest first, at most `PAGE`.

        Raises:
            GoneError: the session was deleted.
        """
        with self._engine.connect() as connection:
            known = _session(connection, session_id)
            if known is None:
                return Page([], [], 0)
            # First what waits: an answer that comes in between is then among the messages, and "done" follows later.
            pending = _pending(connection, session_id)
            mine = (message.c.session == session_id, message.c.role == "user", message.c.id > known.after)
            newest = sa.select(sa.func.max(message.c.id)).where(*mine, sa.not_(message.c.pending))
            answered = connection.execute(newest).scalar() or 0
            rows = connection.execute(
                sa.select(message)
                .where(message.c.session == session_id, message.c.id > max(last, known.after))
                .order_by(message.c.id)
                .limit(PAGE)
            )
            return Page([_shown(row) for row in rows], pending, answered)

    def history(self, session_id: str) -> Page:
        """Return the newest messages of the conversation, oldest first.

        Raises:
            GoneError: the session was deleted.
        """
        with self._engine.connect() as connection:
            known = _session(connection, session_id)
            if known is None:
                return Page([], [], 0)
            pending = _pending(connection, session_id)
            rows = connection.execute(
                sa.select(message)
                .where(message.c.session == session_id, message.c.id > known.after)
                .order_by(message.c.id.desc())
                .limit(HISTORY)
            ).all()
            return Page([_shown(row) for row in reversed(rows)], pending, 0)

    def rate(self, session_id: str, number: int, value: str | None) -> Opinion | None:
        """Keep what a visitor thinks of an answer, the last one; None if it is not an answer of this session."""
        its = (message.c.session == session_id, message.c.id == number, message.c.role == "bot")
        with self._engine.begin() as connection:
            answered = connection.execute(sa.select(message).where(*its)).first()
            if answered is None:
                return None
            connection.execute(sa.update(message).where(*its).values(feedback=value))
            asked = connection.execute(sa.select(message.c.body).where(message.c.id == answered.in_reply_to)).scalar()
            conversation = connection.execute(sa.select(session.c.conversation).where(session.c.id == session_id))
            return Opinion(
                sender_of(session_id, int(conversation.scalar_one())),
                json.loads(asked)["text"] if asked else "",
                json.loads(answered.body)["language"],
                value if value != answered.feedback else None,
            )

    def restart(self, session_id: str) -> tuple[int, str]:
        """Begin the conversation anew; return the last number of the old one, and Rasa's name for it.

        Raises:
            GoneError: the session was deleted.
        """
        with self._engine.begin() as connection:
            old = _lock(connection, session_id)
            last = connection.execute(sa.select(sa.func.max(message.c.id)).where(message.c.session == session_id))
            after = last.scalar() or 0
            mine = message.c.session == session_id
            connection.execute(sa.update(message).where(mine, message.c.pending).values(pending=False))
            changed = {"after": after, "conversation": old + 1}
            connection.execute(sa.update(session).where(session.c.id == session_id).values(changed))
            return after, sender_of(session_id, old)

    def delete(self, session_id: str) -> list[str]:
        """Forget a session's messages; return Rasa's names for its conversations, none if it had been deleted.

        The session's random name stays until it ages out, so that its tokens are good for nothing more.
        """
        with self._engine.begin() as connection:
            try:
                conversation = _lock(connection, session_id)
            except GoneError:
                return []
            connection.execute(sa.delete(message).where(message.c.session == session_id))
            connection.execute(sa.update(session).where(session.c.id == session_id).values(deleted=True))
            return [sender_of(session_id, number) for number in range(FIRST_CONVERSATION, conversation + 1)]

    def knows(self, session_id: str) -> bool:
        """Whether anything is kept of a session."""
        its = sa.select(session.c.id).where(session.c.id == session_id, sa.not_(session.c.deleted))
        with self._engine.connect() as connection:
            return connection.execute(its).first() is not None

    def require(self, session_id: str) -> None:
        """Check that a session may be used.

        Raises:
            GoneError: it was deleted.
        """
        with self._engine.connect() as connection:
            _session(connection, session_id)

    def purge(self, before: float) -> int:
        """Delete sessions that were last used before a moment (seconds since 1970); return how many."""
        old = sa.select(session.c.id).where(session.c.used_at < before)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(message).where(message.c.session.in_(old)))
            return int(connection.execute(sa.delete(session).where(session.c.used_at < before)).rowcount)


def answer_row(answer: Answer, in_reply_to: int | None) -> dict[str, Any]:
    """Return an answer as `insert` takes it."""
    body = json.dumps(answer.as_data(), ensure_ascii=False)
    return {"role": "bot", "pending": False, "in_reply_to": in_reply_to, "body": body}


def insert(connection: Connection, session_id: str, row: dict[str, Any]) -> int:
    """Add a message to a session whose lock the transaction holds; return its number."""
    values = {"session": session_id, "said_at": clock.now().timestamp(), **row}
    return int(connection.execute(sa.insert(message).values(values)).inserted_primary_key[0])


def _lock(connection: Connection, session_id: str) -> int:
    """Take a session's lock and return the number of its conversation."""
    tables.touch(connection, session_id, time.time())
    row = _session(connection, session_id)
    if row is None:
        raise GoneError
    return int(row.conversation)


def _session(connection: Connection, session_id: str) -> Any:
    row = connection.execute(sa.select(session).where(session.c.id == session_id)).first()
    if row is not None and row.deleted:
        raise GoneError
    return row


def _pending(connection: Connection, session_id: str) -> list[int]:
    query = sa.select(message.c.id).where(message.c.session == session_id, message.c.pending).order_by(message.c.id)
    return [int(number) for number in connection.execute(query).scalars()]


def _shown(row: Any) -> dict[str, Any]:
    """Return a message as a client gets it."""
    body = json.loads(row.body)
    shown = {
        "id": row.id, "role": row.role, "time": datetime.fromtimestamp(row.said_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "language": body["language"], "text": body["text"], "in_reply_to": row.in_reply_to,
        "buttons": body.get("buttons", []), "cards": body.get("cards", []), "sources": body.get("sources", []),
    }  # fmt: skip
    extra = {name: body[name] for name in ("lead", "tail", "chosen") if name in body}
    return {**shown, **extra, **({"feedback": row.feedback} if row.feedback else {})}
