"""Runs of the reconciliation, at most one live for each range, and which bank credit pays which settlement."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("trigger", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", postgresql.JSONB(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "trigger IN ('job', 'button', 'file_arrived', 'command')",
            name=op.f("ck_reconciliation_trigger"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'running', 'complete', 'incomplete', 'failed', 'superseded')",
            name=op.f("ck_reconciliation_state"),
        ),
        sa.CheckConstraint("first <= last", name=op.f("ck_reconciliation_range")),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)",
            name=op.f("ck_reconciliation_lease"),
        ),
        sa.CheckConstraint(
            "(state IN ('requested', 'running')) = (ended_at IS NULL)",
            name=op.f("ck_reconciliation_ended"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_index(
        "reconciliation_one_live",
        "reconciliation",
        ["first", "last"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'running')"),
    )
    op.create_index("reconciliation_by_date", "reconciliation", ["requested_at", "id"])
    op.create_index("reconciliation_of_range", "reconciliation", ["first", "last"])
    op.create_table(
        "settlement_credit",
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("rounding_paise", sa.BigInteger(), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", "settlement", name="settlement_credit_pkey"),
    )
    op.create_index("settlement_credit_of", "settlement_credit", ["settlement"])


def downgrade() -> None:
    op.drop_table("settlement_credit")
    op.drop_table("reconciliation")
