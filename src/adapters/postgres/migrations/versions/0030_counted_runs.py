"""
Runs that a person asks for are counted by day, so that two at once cannot both be the tenth.

A process of the release before counts as it did, and leaves the columns empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reconciliation", sa.Column("asked_on", sa.Date(), nullable=True))
    op.add_column("reconciliation", sa.Column("asked_nth", sa.Integer(), nullable=True))
    op.create_index(
        "reconciliation_asked_once",
        "reconciliation",
        ["requested_by", "asked_on", "asked_nth"],
        unique=True,
        postgresql_where=sa.text("asked_nth IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("reconciliation_asked_once", table_name="reconciliation")
    op.drop_column("reconciliation", "asked_nth")
    op.drop_column("reconciliation", "asked_on")
