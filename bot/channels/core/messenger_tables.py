"""The tables that all messengers share. A chat's row is written first in every transaction: it is the chat's lock."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.database import create_tables, insert_into

metadata = sa.MetaData()

chat = sa.Table(
    "messenger_chat",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("chat", sa.String(64), primary_key=True),
    sa.Column("used_at", sa.Float, nullable=False, index=True),
    sa.Column("language", sa.String(8)),  # of the last answer: for what is said without a text to tell it by
    sa.Column("owner", sa.String(64)),  # the process that works for it, and until when it may
    sa.Column("owned_until", sa.Float, nullable=False, server_default="0"),
    sa.Column("not_before", sa.Float, nullable=False, server_default="0"),  # the messenger wants a pause, or is away
)

update = sa.Table(
    "messenger_update",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("chat", sa.String(64), nullable=False),
    sa.Column("update_id", sa.String(64), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("body", sa.Text, nullable=False),  # empty once it is answered
    sa.UniqueConstraint("channel", "update_id"),
    sa.Index("messenger_update_chat", "channel", "chat"),
    sa.Index(
        "messenger_update_pending", "channel", "chat",
        sqlite_where=sa.text("pending"), postgresql_where=sa.text("pending"),
    ),
)  # fmt: skip

WAITING, SENDING, SENT, LOST, FAILED = "waiting", "sending", "sent", "lost", "failed"
_OPEN = sa.text("state IN ('waiting', 'sending')")

outgoing = sa.Table(
    "messenger_outgoing",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("chat", sa.String(64), nullable=False),
    sa.Column("key", sa.String(255)),
    sa.Column("unasked", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("queued_at", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("parts", sa.Integer, nullable=False, server_default="0"),  # of its messages, how many are sent
    sa.Column("body", sa.Text, nullable=False),  # empty once it is sent
    sa.UniqueConstraint("channel", "key"),
    sa.Index("messenger_outgoing_chat", "channel", "chat"),
    sa.Index("messenger_outgoing_open", "channel", "chat", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    sqlite_autoincrement=True,
)

payload = sa.Table(
    "messenger_payload",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("used_at", sa.Float, nullable=False),
)

leader = sa.Table(
    "messenger_leader",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)

note = sa.Table(
    "messenger_note",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def create(engine: Engine) -> None:
    """Make the tables that are missing; two processes may try at once."""
    create_tables(metadata, engine)


def touch(connection: Connection, channel: str, name: str, now: float) -> None:
    """Make a chat's row, or note that it was used; either way the transaction holds its lock from here on."""
    insert = insert_into(connection, chat).values(channel=channel, chat=name, used_at=now)
    connection.execute(
        insert.on_conflict_do_update(index_elements=[chat.c.channel, chat.c.chat], set_={"used_at": now})
    )
