"""Disputes of a charge at the bank, with the earliest deadline of those that are open."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("disputes", postgresql.JSONB(), nullable=True))
    op.add_column(
        "payment", sa.Column("dispute_respond_by", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "payment_disputed",
        "payment",
        ["dispute_respond_by", "id"],
        postgresql_where=sa.text("dispute_respond_by IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("payment_disputed", table_name="payment")
    op.drop_column("payment", "dispute_respond_by")
    op.drop_column("payment", "disputes")
