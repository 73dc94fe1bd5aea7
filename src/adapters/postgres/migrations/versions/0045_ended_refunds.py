"""
Refunds that have come to their end are listed, the latest first.

A process of the release before reads and writes the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "refund_ended",
        "refund",
        ["asked_at", "payment_id", "id"],
        postgresql_where=sa.text("refund.state IN ('success', 'failed', 'rejected', 'withdrawn')"),
    )


def downgrade() -> None:
    op.drop_index("refund_ended", "refund")
