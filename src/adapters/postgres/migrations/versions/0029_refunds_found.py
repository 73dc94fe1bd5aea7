"""
Staff find a payment by the references of its refunds.

Only indexes: a process of the release before takes no notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("refund_arn", "refund", ["arn"], postgresql_where=sa.text("arn <> ''"))
    op.create_index(
        "refund_bank_reference",
        "refund",
        ["bank_reference"],
        postgresql_where=sa.text("bank_reference <> ''"),
    )


def downgrade() -> None:
    op.drop_index("refund_bank_reference", table_name="refund")
    op.drop_index("refund_arn", table_name="refund")
