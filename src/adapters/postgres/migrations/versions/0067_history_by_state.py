"""
A student's payments of one state are listed by an index, newest first.

A process of the release before reads and writes the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "payment_history_by_state",
        "payment",
        ["student_id", "state", sa.text("opened_at DESC"), sa.text("id DESC")],
    )


def downgrade() -> None:
    op.drop_index("payment_history_by_state", "payment")
