"""
Staff find payments by when they were begun, by whom, and by each of the bank's references.

Only indexes: a process of the release before takes no notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("payment_opened", "payment", [sa.text("opened_at DESC"), sa.text("id DESC")])
    op.create_index("payment_email", "payment", [sa.text("lower(student_email)")])
    op.create_index(
        "payment_phone",
        "payment",
        ["student_phone"],
        postgresql_where=sa.text("student_phone <> ''"),
    )
    op.create_index(
        "payment_bank_txn",
        "payment",
        ["bank_txn_id"],
        postgresql_where=sa.text("bank_txn_id IS NOT NULL"),
    )
    op.create_index(
        "payment_bank_reference",
        "payment",
        ["bank_reference"],
        postgresql_where=sa.text("bank_reference IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("payment_bank_reference", table_name="payment")
    op.drop_index("payment_bank_txn", table_name="payment")
    op.drop_index("payment_phone", table_name="payment")
    op.drop_index("payment_email", table_name="payment")
    op.drop_index("payment_opened", table_name="payment")
