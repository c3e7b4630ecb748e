"""The tables of the subscriptions. Moments are seconds since 1970, starts of events their local ISO text.

`next_at` of a subscriber is the least of its subscriptions' and reminders': one look at its index says whether
anything is due. `version` grows with every change: who wants to send writes it first, and only one can.
"""

from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.engine import Engine

metadata = sa.MetaData()

subscriber = sa.Table(
    "subscriber",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # by chance: one who comes back is another one
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("chat", sa.String(64), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("zone", sa.String(64)),  # empty: the language's
    sa.Column("quiet_from", sa.String(5), nullable=False),
    sa.Column("quiet_until", sa.String(5), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", sa.Float),
    sa.UniqueConstraint("channel", "chat"),
    sa.Index("subscriber_next", "next_at", "id"),
)

subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subscriber", sa.String(32), sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # news, digest
    sa.Column("search", sa.Text, nullable=False),  # bot.events.inquiry.Inquiry as JSON, without a time
    sa.Column("search_hash", sa.String(64), nullable=False),
    sa.Column("told_id", sa.Integer, nullable=False),  # how far in the calendar's change log it was told
    sa.Column("told_at", sa.String(32), nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.UniqueConstraint("subscriber", "kind", "search_hash"),
)

reminder = sa.Table(
    "subscription_reminder",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subscriber", sa.String(32), sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("uid", sa.String(255), nullable=False, index=True),
    sa.Column("recurrence", sa.String(32), nullable=False),  # the start that the rule gave when it was asked for
    sa.Column("series_start", sa.String(32), nullable=False),
    sa.Column("told_start", sa.String(32), nullable=False),
    sa.Column("told_status", sa.String(16), nullable=False),
    sa.Column("told_place", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("remind_at", sa.Float),  # empty once it is done
    sa.Column("next_at", sa.Float),  # when to look at it: to remind, or because the event has changed
    sa.Column("ends_at", sa.Float, nullable=False, index=True),
    sa.UniqueConstraint("subscriber", "uid", "recurrence"),
)

watch = sa.Table(
    "subscription_watch",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("change_id", sa.Integer, nullable=False),
    sa.Column("change_at", sa.String(32), nullable=False),
)

_made: "WeakSet[Engine]" = WeakSet()


def create(engine: Engine) -> None:
    """Make the tables that are missing, once an engine; two processes may try at once."""
    if engine in _made:
        return
    try:
        metadata.create_all(engine)
    except sa.exc.DBAPIError:
        metadata.create_all(engine)
    _made.add(engine)
