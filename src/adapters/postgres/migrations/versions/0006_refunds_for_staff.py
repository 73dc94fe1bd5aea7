"""Find the refunds that have not come to an end, longest waiting first."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "refund_open",
        "refund",
        ["asked_at", "payment_id", "id"],
        postgresql_where=sa.text(
            "refund.state IN ('awaiting_approval', 'requested', 'pending', 'manual_review')"
        ),
    )


def downgrade() -> None:
    op.drop_index("refund_open", table_name="refund")
