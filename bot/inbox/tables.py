"""The tables of the inbox and of the numbers. No text is kept as it was typed, and no sender's name at all."""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.database import create_tables

metadata = sa.MetaData()

question = sa.Table(
    "inbox_question",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key_hash", sa.String(64), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),  # the entry that was not liked, the topic that is known
    sa.Column("text", sa.Text, nullable=False),  # masked
    sa.UniqueConstraint("key_hash", "language", "channel", "kind"),
    sqlite_autoincrement=True,  # a number that staff noted never comes to mean another question
)

# One row a question and sender: deleting a sender's rows is forgetting, and what is left are the others' counts.
trace = sa.Table(
    "inbox_trace",
    metadata,
    sa.Column("question", sa.Integer, sa.ForeignKey("inbox_question.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sender_hash", sa.String(64), primary_key=True, index=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_seen", sa.Float, nullable=False),
    sa.Column("last_seen", sa.Float, nullable=False, index=True),
)

dropped = sa.Table(
    "inbox_dropped",
    metadata,
    sa.Column("key_hash", sa.String(64), primary_key=True),
    sa.Column("dropped_at", sa.Float, nullable=False),
)

# Numbers of a day. They hold no text and no sender, and so never expire.
turn_count = sa.Table(
    "turn_count",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)


def create(engine: Engine) -> None:
    """Make the tables that are missing; two processes may try at once."""
    create_tables(metadata, engine)
