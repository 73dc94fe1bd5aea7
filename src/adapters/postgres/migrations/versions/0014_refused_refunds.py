"""
Refunds that the bank reports and that could not be applied are remembered with their payment.

A process of the release before neither reads nor writes the column. What it applies meanwhile is
dropped from the column by the next answer of the bank that this release applies.

Payments whose refused refunds nobody remembered so far are read at the bank once more.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


READ_AGAIN = """
INSERT INTO question (id, student_id, since, state, due_at)
SELECT id, student_id, now(), 'open', now() FROM payment
WHERE review_since IS NOT NULL AND review ? 'refunds_exceed'
ON CONFLICT (id) DO NOTHING
"""


def upgrade() -> None:
    op.add_column("payment", sa.Column("refused_refunds", postgresql.JSONB(), nullable=True))
    op.create_index(
        "payment_refused",
        "payment",
        ["id"],
        postgresql_where=sa.text("refused_refunds IS NOT NULL"),
    )
    op.execute(READ_AGAIN)


def downgrade() -> None:
    op.drop_index("payment_refused", table_name="payment")
    op.drop_column("payment", "refused_refunds")
