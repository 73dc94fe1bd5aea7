"""Discrepancies between books and bank keep their identity, owner and time over all runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OPEN = "state IN ('open', 'healing', 'awaiting_approval')"
WORDS = {
    "type": "'missing_in_system', 'missing_in_gateway', 'amount_mismatch', 'status_mismatch'",
    "cause": (
        "'unknown_order', 'foreign_order', 'refund_made_outside', "
        "'bank_credit_without_settlement', 'chargeback', 'adjustment', 'fee', 'tds', "
        "'tat_penalty', 'reserve_held', 'unreadable_line', 'not_settled_when_due', "
        "'held_by_bank', 'settled_under_other_id', 'refund_not_netted', "
        "'settlement_without_credit', 'gross_differs', 'netted_refund', 'offer_or_surcharge', "
        "'refund_amount_differs', 'fee_differs', 'tax_on_fee_differs', 'net_does_not_follow', "
        "'duplicate_line', 'charged_twice', 'settlement_total_differs', "
        "'bank_credit_differs', 'settled_but_not_sold_here', 'auto_refunded_there', "
        "'sold_here_unknown_there', 'refund_paid_but_open_here', "
        "'refund_failed_here_paid_there', 'chargeback_won_unrecorded'"
    ),
    "subject": "'payment', 'refund', 'settlement', 'bank_credit', 'line'",
    "action": (
        "'read_order_status', 'heal_by_status_read', 'hold_line', 'record_chargeback', "
        "'ask_for_file', 'nothing', 'person'"
    ),
    "state": "'open', 'healing', 'healed', 'explained', 'awaiting_approval', 'resolved'",
    "owner": "'finance', 'operations', 'bank'",
}


def upgrade() -> None:
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("difference_paise", sa.BigInteger(), nullable=False),
        sa.Column("posted_paise", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("rejected_lines", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("entries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("closed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=20), nullable=False),
        sa.Column("first_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times_found", sa.Integer(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(f"{column} IN ({words})", name=op.f(f"ck_discrepancy_{column}"))
            for column, words in WORDS.items()
        ),
        sa.CheckConstraint("times_found > 0 AND version > 0", name=op.f("ck_discrepancy_counts")),
        sa.CheckConstraint("first_found_at <= last_found_at", name=op.f("ck_discrepancy_found")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
        sa.UniqueConstraint(
            "type", "cause", "subject", "ref", "settlement", name="discrepancy_once"
        ),
    )
    op.create_index(
        "discrepancy_open",
        "discrepancy",
        ["first_found_at", "id"],
        postgresql_where=sa.text(OPEN),
    )
    op.create_index("discrepancy_by_found", "discrepancy", ["first_found_at", "id"])
    op.create_index("discrepancy_by_ids", "discrepancy", ["ids"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("discrepancy")
