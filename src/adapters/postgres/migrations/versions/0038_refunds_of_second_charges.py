"""
What staff have asked the bank to give back of second charges is found by its payment.

A process of the release before writes and reads the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "resolution_refunds",
        "resolution",
        ["payment_id"],
        postgresql_where=sa.text("action = 'refund_student' AND state = 'in_force'"),
    )


def downgrade() -> None:
    op.drop_index("resolution_refunds", "resolution")
