"""The one table of the first version; databases that it made itself are taken over as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table unless the first version has."""
    if sa.inspect(op.get_bind()).has_table("event"):
        return
    op.create_table(
        "event",
        sa.Column("uid", sa.String(255), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("start", sa.String(32), nullable=False),
        sa.Column("end", sa.String(32)),
        sa.Column("last_day", sa.String(10), nullable=False, index=True),
        sa.Column("all_day", sa.Boolean, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("city", sa.String(16), nullable=False, index=True),
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("category", sa.String(16), nullable=False, index=True),
        sa.Column("free", sa.Boolean),
        sa.Column("languages", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("titles", sa.Text, nullable=False),
        sa.Column("summaries", sa.Text, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
