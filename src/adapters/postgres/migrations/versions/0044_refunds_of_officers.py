"""
What one person requested and decided lately is found at once, to count it where Redis is away.

A process of the release before reads and writes the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "refund_requested_by",
        "refund",
        ["asked_by", "asked_at"],
        postgresql_where=sa.text("NOT outside"),
    )
    op.create_index(
        "refund_decided_by",
        "refund",
        ["decided_by", "decided_at"],
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("refund_decided_by", "refund")
    op.drop_index("refund_requested_by", "refund")
