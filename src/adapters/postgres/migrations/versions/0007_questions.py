"""Questions to the bank, each with its time: in a table of their own, no more by way of the payments."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UNFINISHED = """
INSERT INTO question (id, student_id, since, due_at)
SELECT id, student_id, coalesce(closed_at, opened_at), coalesce(closed_at, opened_at)
FROM payment
WHERE state IN ('pending', 'processing')
   OR (state IN ('failed', 'expired') AND gateway_order_id IS NOT NULL
       AND closed_at > now() - interval '1 day')
"""


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("student_id", sa.String(length=100), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state IN ('open', 'parked')", name=op.f("ck_question_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(
        "question_due", "question", ["due_at"], postgresql_where=sa.text("state = 'open'")
    )
    op.execute(UNFINISHED)
    op.drop_index("payment_live_until", table_name="payment")


def downgrade() -> None:
    op.create_index(
        "payment_live_until",
        "payment",
        ["expires_at"],
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
    op.drop_index("question_due", table_name="question")
    op.drop_table("question")
