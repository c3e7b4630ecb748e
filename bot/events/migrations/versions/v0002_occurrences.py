"""Recurrences, occurrences, search terms, the change log and sources."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(length: int | None = None) -> sa.types.TypeEngine:
    kind = sa.String(length) if length else sa.Text()
    return kind.with_variant(sa.String(length, collation="C") if length else sa.Text(collation="C"), "postgresql")


UID, MOMENT, DAY, NAME = _text(255), _text(32), _text(10), _text(16)


def upgrade() -> None:
    """Widen the event table, its rows kept, and add the others."""
    _widen_event()
    _add_occurrences()
    _add_search()
    _add_log_and_sources()


def _widen_event() -> None:
    for name in ("last_day", "city", "category"):
        op.drop_index(f"ix_event_{name}", table_name="event")
    with op.batch_alter_table("event") as batch:
        batch.drop_column("last_day")
        if op.get_bind().dialect.name == "postgresql":
            for name, kind in (("uid", UID), ("status", NAME), ("start", MOMENT), ("end", MOMENT),
                               ("city", NAME), ("category", NAME)):  # fmt: skip
                batch.alter_column(name, type_=kind)
        batch.add_column(sa.Column("price", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("rrule", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("rdates", sa.Text, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("exdates", sa.Text, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("overrides", sa.Text, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("sequence", sa.Integer, nullable=False, server_default="0"))
        batch.add_column(sa.Column("source", sa.String(120), nullable=False, server_default="manual"))
        batch.add_column(sa.Column("content_hash", sa.String(64), nullable=False, server_default=""))
        batch.add_column(sa.Column("edits", sa.Text, nullable=False, server_default="{}"))
        batch.add_column(sa.Column("updated_at", MOMENT, nullable=False, server_default=""))
        batch.add_column(sa.Column("withdrawn_at", MOMENT))
        batch.add_column(sa.Column("expanded_until", DAY))
    op.create_index("event_source_name", "event", ["source"])
    op.create_index("event_expanded_until", "event", ["expanded_until"])
    # Expanded and indexed by the store when it opens, which knows how.
    op.execute("UPDATE event SET expanded_until = ''")


def _add_occurrences() -> None:
    op.create_table(
        "occurrence",
        sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), primary_key=True),
        sa.Column("recurrence", MOMENT, primary_key=True),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("end", MOMENT),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("start_utc", MOMENT, nullable=False),
        sa.Column("gone_utc", MOMENT, nullable=False),
        sa.Column("status", NAME, nullable=False),
        sa.Column("moved_from", MOMENT),
        sa.Column("venue", sa.Text),
        sa.Column("titles", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("occurrence_gone", "occurrence", ["uid", "gone_utc"])
    op.create_table(
        "occurrence_day",
        sa.Column("day", DAY, primary_key=True),
        sa.Column("start", MOMENT, primary_key=True),
        sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), primary_key=True),
        sa.Column("recurrence", MOMENT, primary_key=True),
        sa.Column("first", sa.Boolean, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("gone_utc", MOMENT, nullable=False),
        sa.Column("clock", _text(5), nullable=False),
        sa.Column("city", NAME, nullable=False),
        sa.Column("category", NAME, nullable=False),
        sa.Column("free", sa.Boolean),
        sa.Column("languages", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("occurrence_day_both", "occurrence_day", ["city", "category", "day", "start", "uid"])
    op.create_index("occurrence_day_city", "occurrence_day", ["city", "day", "start", "uid"])
    op.create_index("occurrence_day_category", "occurrence_day", ["category", "day", "start", "uid"])
    op.create_index("occurrence_day_uid", "occurrence_day", ["uid", "day"])


def _add_search() -> None:
    op.create_table(
        "search_term",
        sa.Column("term", _text(64), primary_key=True),
        sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("city", NAME, nullable=False),
        sa.Column("category", NAME, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("search_term_uid", "search_term", ["uid"])
    op.create_table(
        "search_part",
        sa.Column("part", _text(64), primary_key=True),
        sa.Column("term", _text(64), primary_key=True),
        sqlite_with_rowid=False,
    )


def _add_log_and_sources() -> None:
    op.create_table(
        "event_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", UID, sa.ForeignKey("event.uid", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", MOMENT),
        sa.Column("after", MOMENT),
    )
    op.create_index("event_change_at", "event_change", ["at", "id"])
    op.create_index("event_change_uid", "event_change", ["uid"])
    op.create_table(
        "event_source",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("refresh_minutes", sa.Integer, nullable=False),
        sa.Column("last_success", MOMENT),
        sa.Column("last_error", sa.Text, nullable=False, server_default=""),
        sa.Column("last_hash", sa.String(64), nullable=False, server_default=""),
        sa.Column("held_back", sa.Text, nullable=False, server_default=""),
    )
