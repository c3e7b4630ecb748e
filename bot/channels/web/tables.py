"""The tables of the web channel. A session's row is written first in every transaction: it is the session's lock.

So its messages are written one transaction after the other, their numbers grow in the order in which they become
visible, and a stream that has sent number 18 has missed none below it.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.database import create_tables, insert_into

metadata = sa.MetaData()

session = sa.Table(
    "web_session",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("used_at", sa.Float, nullable=False, index=True),
    sa.Column("after", sa.Integer, nullable=False, server_default="0"),  # what comes later belongs to the conversation
    sa.Column("conversation", sa.Integer, nullable=False, server_default="1"),  # counts restarts; part of Rasa's sender
    sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("owner", sa.String(64)),  # the process that runs its turns, and until when it may
    sa.Column("owned_until", sa.Float, nullable=False, server_default="0"),
)

message = sa.Table(
    "web_message",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session", sa.String(64), sa.ForeignKey("web_session.id", ondelete="CASCADE"), nullable=False),
    sa.Column("role", sa.String(8), nullable=False),
    sa.Column("said_at", sa.Float, nullable=False),
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("idempotency_key", sa.String(64)),
    sa.Column("in_reply_to", sa.Integer),
    sa.Column("feedback", sa.String(8)),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("session", "idempotency_key"),
    sa.Index("web_message_session", "session", "id"),
    sa.Index(
        "web_message_pending", "session", "id", sqlite_where=sa.text("pending"), postgresql_where=sa.text("pending")
    ),
    sqlite_autoincrement=True,  # a number is never given twice, or a stream would skip its second owner
)


def create(engine: Engine) -> None:
    """Make the tables that are missing; two processes may try at once."""
    create_tables(metadata, engine)


def touch(connection: Connection, session_id: str, now: float) -> None:
    """Make a session's row, or note that it was used; either way the transaction holds its lock from here on."""
    connection.execute(
        insert_into(connection, session)
        .values(id=session_id, used_at=now)
        .on_conflict_do_update(index_elements=[session.c.id], set_={"used_at": now})
    )
