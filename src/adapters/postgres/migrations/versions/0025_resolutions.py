"""What people decided about discrepancies: each by name, with a note, and with who approved it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WORDS = {
    "action": (
        "'accept_bank', 'claim', 'write_off', 'match_to', 'not_ours', 'release_line', "
        "'drop_line', 'record_chargeback', 'record_won', 'record_lost', 'refund_student', "
        "'wait_until', 'undo'"
    ),
    "state": ("'proposed', 'in_force', 'rejected', 'withdrawn', 'undone', 'overtaken'"),
    "account": (
        "'bank', 'clearing', 'transit', 'reserve', 'receivable', 'disputed', 'itc_cgst', "
        "'itc_sgst', 'itc_igst', 'tds', 'gst_cgst', 'gst_sgst', 'gst_igst', "
        "'refunds_payable', 'unapplied', 'suspense', 'revenue', 'refunds_granted', 'mdr', "
        "'cb_fee', 'cb_loss', 'writeoff', 'rounding'"
    ),
    "posts": (
        "'invoice', 'capture', 'refund_asked', 'refund_paid', 'credit_note', 'reversal', "
        "'settlement', 'payout_fee', 'bank_credit', 'difference', 'accepted', 'match', "
        "'chargeback_lost'"
    ),
}


def upgrade() -> None:
    op.create_table(
        "resolution",
        sa.Column("discrepancy_id", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("difference_paise", sa.BigInteger(), nullable=False),
        sa.Column("posted_paise", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("limit_each_paise", sa.BigInteger(), nullable=False),
        sa.Column("limit_day_paise", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=True),
        sa.Column("payment_id", sa.String(length=20), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("alone", sa.Integer(), nullable=True),
        sa.Column("posts", sa.String(length=20), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("request_sha256", sa.String(length=64), nullable=True),
        sa.Column("approved_by", sa.String(length=300), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.CheckConstraint(f"{column} IN ({words})", name=op.f(f"ck_resolution_{column}"))
            for column, words in WORDS.items()
        ),
        sa.CheckConstraint("length(btrim(note)) >= 3", name=op.f("ck_resolution_note")),
        sa.CheckConstraint("amount_paise >= 0 AND sequence > 0", name=op.f("ck_resolution_amount")),
        sa.CheckConstraint("approved_by <> decided_by", name=op.f("ck_resolution_second_person")),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_resolution_approved")
        ),
        sa.CheckConstraint(
            "(request_key IS NULL) = (request_sha256 IS NULL)", name=op.f("ck_resolution_request")
        ),
        sa.PrimaryKeyConstraint("discrepancy_id", "sequence", name="resolution_pkey"),
    )
    op.create_index(
        "resolution_one_proposed",
        "resolution",
        ["discrepancy_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index(
        "resolution_alone_once",
        "resolution",
        ["decided_by", "decided_on", "alone"],
        unique=True,
        postgresql_where=sa.text("alone IS NOT NULL"),
    )
    op.create_index(
        "resolution_by_key",
        "resolution",
        ["decided_by", "request_key"],
        postgresql_where=sa.text("request_key IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("resolution")
