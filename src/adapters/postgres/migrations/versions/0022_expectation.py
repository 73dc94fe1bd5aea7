"""What the bank is expected to settle: a row for each capture and each paid refund, back-filled from the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# As with the ledger: one pass at once, and one a day later for what processes of the release before
# still post without an expectation.
PASSES = """
INSERT INTO ledger_backfill (pass, due_at, after)
SELECT (SELECT coalesce(max(pass), 0) FROM ledger_backfill) + n, now() + (n - 1) * interval '1 day', ''
FROM generate_series(1, 2) n WHERE n = 2 OR EXISTS (SELECT FROM payment)
"""


def upgrade() -> None:
    op.create_table(
        "expectation",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("refund_id", sa.String(length=40), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("settled_file", sa.String(length=64), nullable=True),
        sa.Column("settled_line", sa.Integer(), nullable=True),
        sa.Column("settled_paise", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(settled_file IS NULL) = (settled_line IS NULL)",
            name=op.f("ck_expectation_settled_line"),
        ),
        sa.CheckConstraint(
            "settled_file IS NOT NULL OR settled_paise = 0",
            name=op.f("ck_expectation_settled_paise"),
        ),
        sa.PrimaryKeyConstraint("payment_id", "refund_id", name="expectation_pkey"),
    )
    op.create_index(
        "expectation_open",
        "expectation",
        ["business_date", "payment_id"],
        postgresql_where=sa.text("settled_file IS NULL"),
    )
    op.create_index("expectation_by_date", "expectation", ["business_date"])
    op.create_index(
        "expectation_of_line",
        "expectation",
        ["settled_file", "settled_line"],
        postgresql_where=sa.text("settled_file IS NOT NULL"),
    )
    op.execute(PASSES)


def downgrade() -> None:
    op.drop_table("expectation")
