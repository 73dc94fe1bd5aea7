"""Refunds that the bank has not told the end of for a month are asked about no more, and stay on the list."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "refund_watch",
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_refund_watch_state"), "refund_watch", "state IN ('open', 'parked')"
    )
    op.drop_index("refund_watch_due", table_name="refund_watch")
    op.create_index(
        "refund_watch_due", "refund_watch", ["due_at"], postgresql_where=sa.text("state = 'open'")
    )


def downgrade() -> None:
    op.drop_index("refund_watch_due", table_name="refund_watch")
    op.create_index("refund_watch_due", "refund_watch", ["due_at"])
    op.drop_constraint(op.f("ck_refund_watch_state"), "refund_watch", type_="check")
    op.drop_column("refund_watch", "state")
