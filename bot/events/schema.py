"""The tables of the event store; migrations/ makes and changes them, docs/events-store.md says why they are so.

Times are local ISO 8601 text without a zone (``2027-03-13T19:30:00``), which sorts as people read it; what must be
compared with "now" has a UTC column of the same form beside it. Text sorts by code point on every database.
"""

import sqlalchemy as sa

metadata = sa.MetaData()


def text_type(length: int | None = None) -> sa.types.TypeEngine:
    """Return a text type that sorts by code point: PostgreSQL would else use the server's language."""
    kind = sa.String(length) if length else sa.Text()
    return kind.with_variant(sa.String(length, collation="C") if length else sa.Text(collation="C"), "postgresql")


UID, MOMENT, DAY, NAME = text_type(255), text_type(32), text_type(10), text_type(16)

event = sa.Table(
    "event",
    metadata,
    sa.Column("uid", UID, primary_key=True),
    sa.Column("status", NAME, nullable=False),
    sa.Column("start", MOMENT, nullable=False),
    sa.Column("end", MOMENT),
    sa.Column("all_day", sa.Boolean, nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("city", NAME, nullable=False),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("category", NAME, nullable=False),
    sa.Column("free", sa.Boolean),
    sa.Column("languages", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("titles", sa.Text, nullable=False),
    sa.Column("summaries", sa.Text, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.Column("price", sa.Text, nullable=False, server_default=""),
    sa.Column("rrule", sa.Text, nullable=False, server_default=""),
    sa.Column("rdates", sa.Text, nullable=False, server_default="[]"),
    sa.Column("exdates", sa.Text, nullable=False, server_default="[]"),
    sa.Column("overrides", sa.Text, nullable=False, server_default="[]"),
    sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("source", sa.String(120), nullable=False, server_default="manual"),
    sa.Column("content_hash", sa.String(64), nullable=False, server_default=""),  # of what the source said last
    sa.Column("edits", sa.Text, nullable=False, server_default="{}"),  # what staff set themselves, over the source
    sa.Column("updated_at", MOMENT, nullable=False, server_default=""),
    sa.Column("withdrawn_at", MOMENT),
    sa.Column("expanded_until", DAY),  # empty if nothing follows; '' if not expanded yet
    sa.Index("event_source_name", "source"),
    sa.Index("event_expanded_until", "expanded_until"),
)

occurrence = sa.Table(
    "occurrence",
    metadata,
    sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), primary_key=True),
    sa.Column("recurrence", MOMENT, primary_key=True),  # the start that the rule gives: stays when it is moved
    sa.Column("start", MOMENT, nullable=False),
    sa.Column("end", MOMENT),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("start_utc", MOMENT, nullable=False),
    sa.Column("gone_utc", MOMENT, nullable=False),  # from when on it counts as over
    sa.Column("status", NAME, nullable=False),
    sa.Column("moved_from", MOMENT),
    sa.Column("venue", sa.Text),  # only where it differs from the event's
    sa.Column("titles", sa.Text),
    sa.Index("occurrence_gone", "uid", "gone_utc"),
    sqlite_with_rowid=False,
)

occurrence_day = sa.Table(
    "occurrence_day",
    metadata,
    sa.Column("day", DAY, primary_key=True),
    sa.Column("start", MOMENT, primary_key=True),
    sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), primary_key=True),
    sa.Column("recurrence", MOMENT, primary_key=True),
    sa.Column("first", sa.Boolean, nullable=False),  # whether this is the day on which it begins
    sa.Column("until", MOMENT, nullable=False),  # local end; all-day: the midnight after it
    sa.Column("gone_utc", MOMENT, nullable=False),
    sa.Column("clock", text_type(5), nullable=False),  # start time; '' if it takes all day
    sa.Column("city", NAME, nullable=False),
    sa.Column("category", NAME, nullable=False),
    sa.Column("free", sa.Boolean),
    sa.Column("languages", sa.Text, nullable=False),
    # A walk of any of these gives the answer in its order and stops when the page is full.
    sa.Index("occurrence_day_both", "city", "category", "day", "start", "uid"),
    sa.Index("occurrence_day_category", "category", "day", "start", "uid"),
    sa.Index("occurrence_day_city", "city", "day", "start", "uid"),
    sa.Index("occurrence_day_uid", "uid", "day"),
    sqlite_with_rowid=False,
)

search_term = sa.Table(
    "search_term",
    metadata,
    sa.Column("term", text_type(64), primary_key=True),
    sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), primary_key=True),
    sa.Column("place", sa.SmallInteger, nullable=False),  # 0 title, 1 venue, 2 summary: the best one
    sa.Column("city", NAME, nullable=False),
    sa.Column("category", NAME, nullable=False),
    sa.Index("search_term_uid", "uid"),
    sqlite_with_rowid=False,
)

search_part = sa.Table(
    "search_part",
    metadata,
    sa.Column("part", text_type(64), primary_key=True),  # the ends of a word: "neujahrskonzert" … "konzert"
    sa.Column("term", text_type(64), primary_key=True),
    sqlite_with_rowid=False,
)

event_change = sa.Table(
    "event_change",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", NAME, nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("before", MOMENT),
    sa.Column("after", MOMENT),
    sa.Index("event_change_at", "at", "id"),
    sa.Index("event_change_uid", "uid"),
)

event_source = sa.Table(
    "event_source",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("format", sa.String(16), nullable=False),
    sa.Column("refresh_minutes", sa.Integer, nullable=False),
    sa.Column("last_success", MOMENT),
    sa.Column("last_error", sa.Text, nullable=False, server_default=""),
    sa.Column("last_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("held_back", sa.Text, nullable=False, server_default=""),
)
