"""The invariants are checked from a watermark on, and the dead letters are found by an index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invariant_watch",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("watermarks", postgresql.JSONB(), nullable=False),
        sa.Column("followed", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("checked_in_full_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="invariant_watch_pkey"),
    )
    op.create_index(
        "outbox_dead",
        "outbox",
        ["closed_at", "id"],
        postgresql_where=sa.text("state = 'dead'"),
    )


def downgrade() -> None:
    op.drop_index("outbox_dead", table_name="outbox", postgresql_where=sa.text("state = 'dead'"))
    op.drop_table("invariant_watch")
