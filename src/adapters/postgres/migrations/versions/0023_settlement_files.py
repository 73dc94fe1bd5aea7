"""Settlement files with their lines, and statements of the account with their entries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlement_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("wanted_preset", sa.Text(), nullable=True),
        sa.Column("wanted_mid", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("format", postgresql.JSONB(), nullable=True),
        sa.Column("line_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warnings", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("declared", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("held_for", sa.ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("refusal", postgresql.JSONB(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'reading') = (lease_until IS NOT NULL)", name=op.f("ck_settlement_file_lease")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_settlement_file_refusal")
        ),
        sa.CheckConstraint(
            "origin IN ('upload', 'command', 'report', 'folder')",
            name=op.f("ck_settlement_file_origin"),
        ),
        sa.CheckConstraint(
            "state IN ('received', 'reading', 'imported', 'held', 'refused', 'superseded')",
            name=op.f("ck_settlement_file_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_file")),
        sa.UniqueConstraint("sha256", name="settlement_file_once"),
    )
    op.create_index(
        "settlement_file_unfinished",
        "settlement_file",
        ["state", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('received', 'reading', 'held')"),
    )
    op.create_table(
        "rejected_row",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "line_no", name="rejected_row_pkey"),
    )
    op.create_table(
        "settlement",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("settlement_id", sa.Text(), nullable=True),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("utr", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reported", sa.String(length=13), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("credits_paise", sa.BigInteger(), nullable=False),
        sa.Column("debits_paise", sa.BigInteger(), nullable=False),
        sa.Column("fee_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("utgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("reported_net_paise", sa.BigInteger(), nullable=False),
        sa.Column("live_lines", sa.Integer(), nullable=False),
        sa.Column("net_paise", sa.BigInteger(), nullable=False),
        sa.Column("sales_days", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journal", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payout", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "payout IN ('credited', 'awaited', 'carried', 'differs', 'overdue')",
            name=op.f("ck_settlement_payout"),
        ),
        sa.CheckConstraint(
            "state IN ('live', 'held', 'waiting', 'repeated', 'superseded')",
            name=op.f("ck_settlement_state"),
        ),
        sa.CheckConstraint(
            "(journal IS NULL) = (posted_at IS NULL)", name=op.f("ck_settlement_posted")
        ),
        sa.CheckConstraint("journal > 0", name=op.f("ck_settlement_journal")),
        sa.CheckConstraint(
            "reversed_at IS NULL OR posted_at IS NOT NULL", name=op.f("ck_settlement_reversed")
        ),
        sa.PrimaryKeyConstraint("file_id", "settlement", name="settlement_pkey"),
    )
    op.create_index("settlement_by_key", "settlement", ["settlement"], unique=False)
    op.create_index(
        "settlement_uncredited",
        "settlement",
        ["settled_on"],
        unique=False,
        postgresql_where=sa.text(
            "state = 'live' AND posted_at IS NOT NULL AND (payout IS NULL OR payout <> 'credited')"
        ),
    )
    op.create_index(
        "settlement_unposted",
        "settlement",
        ["settled_on"],
        unique=False,
        postgresql_where=sa.text("posted_at IS NULL AND state IN ('live', 'held', 'waiting')"),
    )
    op.create_index(
        "settlement_unreversed",
        "settlement",
        ["settled_on"],
        unique=False,
        postgresql_where=sa.text(
            "state = 'superseded' AND posted_at IS NOT NULL AND reversed_at IS NULL"
        ),
    )
    op.create_table(
        "settlement_line",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=True),
        sa.Column("line_key", sa.LargeBinary(), nullable=False),
        sa.Column("event_key", sa.LargeBinary(), nullable=False),
        sa.Column("line_type", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=2), nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("tid", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("attempt", sa.SmallInteger(), nullable=True),
        sa.Column("refund_id", sa.Text(), nullable=True),
        sa.Column("bank_txn_id", sa.Text(), nullable=True),
        sa.Column("rrn", sa.Text(), nullable=True),
        sa.Column("arn", sa.Text(), nullable=True),
        sa.Column("auth_code", sa.Text(), nullable=True),
        sa.Column("utr", sa.Text(), nullable=True),
        sa.Column("settlement_id", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("gross_paise", sa.BigInteger(), nullable=False),
        sa.Column("fee_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("utgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("net_paise", sa.BigInteger(), nullable=False),
        sa.Column("txn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("status_word", sa.Text(), nullable=True),
        sa.Column("on_hold", sa.Boolean(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=True),
        sa.CheckConstraint("direction IN ('CR', 'DR')", name=op.f("ck_settlement_line_direction")),
        sa.CheckConstraint(
            "line_type IN ('payment', 'refund', 'refund_reversal',"
            " 'chargeback', 'chargeback_reversal', 'fee', 'adjustment', 'tds', 'reserve_hold', 'reserve_release')",
            name=op.f("ck_settlement_line_line_type"),
        ),
        sa.CheckConstraint(
            "state IN ('live', 'duplicate', 'held', 'superseded')",
            name=op.f("ck_settlement_line_state"),
        ),
        sa.CheckConstraint("gross_paise >= 0", name=op.f("ck_settlement_line_gross")),
        sa.PrimaryKeyConstraint("file_id", "line_no", name="settlement_line_pkey"),
    )
    op.create_index(
        "settlement_line_of_event",
        "settlement_line",
        ["event_key"],
        unique=False,
        postgresql_where=sa.text("payment_id IS NULL"),
    )
    op.create_index(
        "settlement_line_of_payment",
        "settlement_line",
        ["payment_id", "line_type"],
        unique=False,
        postgresql_where=sa.text("payment_id IS NOT NULL"),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("format", postgresql.JSONB(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("opening_paise", sa.BigInteger(), nullable=False),
        sa.Column("closing_paise", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("held_for", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("begins_paise", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(held_for = '{}') = (sequence IS NOT NULL)", name=op.f("ck_bank_statement_held")
        ),
        sa.CheckConstraint(
            "(sequence IS NULL) = (begins_paise IS NULL)", name=op.f("ck_bank_statement_begins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("account", "sequence", name="bank_statement_order"),
        sa.UniqueConstraint("sha256", "place", name="bank_statement_once"),
    )
    op.create_table(
        "bank_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_no", sa.Integer(), nullable=False),
        sa.Column("entry_key", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("balance_paise", sa.BigInteger(), nullable=False),
        sa.Column("balance_told", sa.Boolean(), nullable=False),
        sa.Column("narration", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("narrated_code", sa.Text(), nullable=True),
        sa.Column("narrated_method", sa.Text(), nullable=True),
        sa.Column("narrated_day", sa.Date(), nullable=True),
        sa.Column("narrated_day_is", sa.String(length=10), nullable=True),
        sa.Column("outcome", sa.String(length=22), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('matched', 'matched_with_rounding', 'probable', 'ambiguous',"
            " 'differs', 'without_settlement', 'not_ours')",
            name=op.f("ck_bank_entry_outcome"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR outcome IS NOT NULL", name=op.f("ck_bank_entry_closed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entry")),
        sa.UniqueConstraint("entry_key", name="bank_entry_once"),
    )
    op.create_index(
        "bank_entry_of_account", "bank_entry", ["account", "booked_on", "id"], unique=False
    )
    op.create_index(
        "bank_entry_open",
        "bank_entry",
        ["booked_on", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    for table in (
        "bank_entry",
        "bank_statement",
        "settlement_line",
        "settlement",
        "rejected_row",
        "settlement_file",
    ):
        op.drop_table(table)
