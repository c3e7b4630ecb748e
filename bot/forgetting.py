"""Forgetting a sender, and what is too old: each room that keeps something of visitors says here how it is deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.database import connect
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.core.mailbox import Mailbox


@dataclass(frozen=True)
class Room:
    """Something that keeps data of visitors; both functions return how many pieces were deleted."""

    name: str
    """as in ``forget`` of bot/inbox/sayings.yml"""
    forget: Callable[[Settings, str], int]
    forget_old: Callable[[Settings, datetime], int]


def forget(settings: Settings, sender: str) -> dict[str, int]:
    """Delete all that any room has of ``sender``; return how much, by room."""
    return {room.name: room.forget(settings, sender) for room in ROOMS}


def forget_old(settings: Settings, now: datetime) -> dict[str, int]:
    """Delete what is older than it may be kept; return how much, by room."""
    return {room.name: room.forget_old(settings, now) for room in ROOMS}


def _delete_conversations(settings: Settings, *which: sa.sql.ColumnElement[bool]) -> int:
    from bot.engine.tracker_store import conversation, metadata  # brings Rasa along

    engine = connect(settings.database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        return int(connection.execute(sa.delete(conversation).where(*which)).rowcount)


def _conversation(settings: Settings, sender: str) -> int:
    from bot.engine.tracker_store import conversation

    return _delete_conversations(settings, conversation.c.sender_id == sender)


def _old_conversations(settings: Settings, now: datetime) -> int:
    from bot.engine.tracker_store import conversation

    oldest = (now - timedelta(days=settings.conversation_days)).timestamp()
    return _delete_conversations(settings, conversation.c.updated_at < oldest)


def _inbox(settings: Settings, sender: str) -> int:
    from bot.inbox import secret
    from bot.inbox.store import Inbox

    return Inbox(connect(settings.database_url), secret.hasher(settings), settings.inbox_days).forget(sender)


def _old_inbox(settings: Settings, now: datetime) -> int:
    from bot.inbox import secret
    from bot.inbox.store import Inbox

    return Inbox(connect(settings.database_url), secret.hasher(settings), settings.inbox_days).purge(now)


def _web(settings: Settings, sender: str) -> int:
    from bot.channels.web.outbox import Outbox, session_of

    session, outbox = session_of(sender), Outbox(connect(settings.database_url))
    return int(bool(session and outbox.knows(session) and outbox.delete(session)))


def _old_web(settings: Settings, now: datetime) -> int:
    from bot.channels.web.outbox import Outbox

    oldest = (now - timedelta(days=settings.conversation_days)).timestamp()
    return Outbox(connect(settings.database_url)).purge(oldest)


def _messenger(settings: Settings, sender: str) -> int:
    return sum(bool(mailbox.forget(chat)) for mailbox, chat in _mailboxes(settings, sender) if chat)


def _old_messenger(settings: Settings, now: datetime) -> int:
    from bot.channels.core.payloads import Payloads

    oldest = (now - timedelta(days=settings.conversation_days)).timestamp()
    gone = sum(mailbox.purge(oldest) for mailbox, _ in _mailboxes(settings))
    return gone + Payloads(connect(settings.database_url)).purge(oldest)


def _mailboxes(settings: Settings, sender: str = "") -> "list[tuple[Mailbox, str | None]]":
    """Return the mailbox of each messenger, with the chat that ``sender`` is there."""
    from bot.channels.core.mailbox import Mailbox
    from bot.channels.telegram.names import chat_of

    # Without an owner: nothing is leased from here.
    return [(Mailbox(connect(settings.database_url), "telegram", "", 0), chat_of(sender))]


def _subscriptions(settings: Settings, sender: str) -> int:
    from bot.subscriptions import service
    from bot.subscriptions.address import of_sender

    address = of_sender(sender)
    return service.end(connect(settings.database_url), address.channel, address.chat) if address else 0


def _old_subscriptions(settings: Settings, now: datetime) -> int:
    from bot.subscriptions import service

    return service.forget_old(connect(settings.database_url), now)


ROOMS = (
    Room("conversation", _conversation, _old_conversations),
    Room("inbox", _inbox, _old_inbox),
    Room("web", _web, _old_web),
    Room("subscriptions", _subscriptions, _old_subscriptions),
    Room("messenger", _messenger, _old_messenger),
)
