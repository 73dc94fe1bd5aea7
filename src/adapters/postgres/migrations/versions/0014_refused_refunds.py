"""
Refunds that the bank reports and that could not be applied are remembered with their payment.

A process of the release before neither reads nor writes the column. What it applies meanwhile is
dropped from the column by the next answer of the bank that this release applies.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("refused_refunds", postgresql.JSONB(), nullable=True))
    op.create_index(
        "payment_refused",
        "payment",
        ["id"],
        postgresql_where=sa.text("refused_refunds IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("payment_refused", table_name="payment")
    op.drop_column("payment", "refused_refunds")
