"""The ledger: balanced journals that are only ever added; what was stored before is posted by the back-fill."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = (
    "'invoice', 'capture', 'refund_asked', 'refund_paid', 'credit_note', 'reversal', 'settlement',"
    " 'payout_fee', 'bank_credit', 'difference', 'accepted', 'match', 'chargeback_lost'"
)
ACCOUNTS = (
    "'bank', 'clearing', 'transit', 'reserve', 'receivable', 'disputed', 'itc_cgst', 'itc_sgst',"
    " 'itc_igst', 'tds', 'gst_cgst', 'gst_sgst', 'gst_igst', 'refunds_payable', 'unapplied',"
    " 'suspense', 'revenue', 'refunds_granted', 'mdr', 'cb_fee', 'cb_loss', 'writeoff', 'rounding'"
)
# Both run once for a statement, after all its rows are there, so that a journal and its entries have
# to be written by one statement. The function reads what was committed before its own query: with the
# lock that a closing takes, no posting slips into a closed period.
BALANCED = (
    """
    CREATE FUNCTION shulk_journal_balances() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added a LEFT JOIN entry e ON e.journal_id = a.id
            GROUP BY a.id HAVING count(e.line) < 2 OR sum(e.amount_paise) <> 0
        ) THEN
            RAISE EXCEPTION 'a journal sums to zero' USING ERRCODE = 'SK002';
        END IF;
        IF EXISTS (SELECT FROM added a JOIN closed_period p ON a.business_date <= p.last) THEN
            RAISE EXCEPTION 'a closed period takes no posting' USING ERRCODE = 'SK002';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION shulk_entries_balance() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT journal_id FROM added) a
            LEFT JOIN journal j ON j.id = a.journal_id
            LEFT JOIN entry e ON e.journal_id = a.journal_id AND e.business_date = j.business_date
            GROUP BY a.journal_id HAVING count(e.line) < 2 OR sum(e.amount_paise) <> 0
        ) THEN
            RAISE EXCEPTION 'the entries of a journal sum to zero' USING ERRCODE = 'SK002';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION shulk_closes_later() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.last <= (SELECT max(last) FROM closed_period) THEN
            RAISE EXCEPTION 'a period closes after the one before' USING ERRCODE = 'SK002';
        END IF;
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER journal_balances AFTER INSERT ON journal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION shulk_journal_balances()
    """,
    """
    CREATE TRIGGER entry_balances AFTER INSERT ON entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION shulk_entries_balance()
    """,
    """
    CREATE TRIGGER closed_period_later BEFORE INSERT ON closed_period FOR EACH ROW
    EXECUTE FUNCTION shulk_closes_later()
    """,
)
APPEND_ONLY = tuple(
    statement
    for table in ("journal", "entry", "closed_period")
    for statement in (
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW
        EXECUTE FUNCTION shulk_refuse('the ledger is only ever added to')
        """,
        f"""
        CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT
        EXECUTE FUNCTION shulk_refuse('the ledger is only ever added to')
        """,
    )
)
# The second pass posts what processes of the release before still store while this one is rolled out.
PASSES = """
INSERT INTO ledger_backfill (pass, due_at, after)
SELECT 1, now(), '' WHERE EXISTS (SELECT FROM payment)
UNION ALL SELECT 2, now() + interval '1 day', ''
"""


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("fact_date", sa.Date(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.String(length=100), server_default="", nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_journal_kind")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_journal_sequence")),
        sa.CheckConstraint("business_date >= fact_date", name=op.f("ck_journal_business_date")),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_journal_reverses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("kind", "subject", "sequence", name="journal_once"),
    )
    op.create_index(
        "journal_reversed_once",
        "journal",
        ["reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_index("journal_by_date", "journal", ["business_date", "id"])
    op.create_table(
        "entry",
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=True),
        sa.Column("settlement", sa.String(length=100), nullable=True),
        sa.Column("discrepancy", sa.String(length=100), nullable=True),
        sa.CheckConstraint(f"account IN ({ACCOUNTS})", name=op.f("ck_entry_account")),
        sa.CheckConstraint("amount_paise <> 0", name=op.f("ck_entry_amount")),
        sa.CheckConstraint("line > 0", name=op.f("ck_entry_line")),
        sa.PrimaryKeyConstraint("journal_id", "line", name="entry_pkey"),
    )
    op.create_index(
        "entry_of_account",
        "entry",
        ["account", "business_date", "journal_id", "line"],
        postgresql_include=["amount_paise"],
    )
    op.create_index(
        "entry_of_payment",
        "entry",
        ["payment_id", "account"],
        postgresql_where=sa.text("payment_id IS NOT NULL"),
        postgresql_include=["amount_paise"],
    )
    op.create_table(
        "closed_period",
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("last", name="closed_period_pkey"),
    )
    op.create_table(
        "ledger_backfill",
        sa.Column("pass", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pass", name="ledger_backfill_pkey"),
    )
    for statement in (*BALANCED, *APPEND_ONLY):
        op.execute(statement)
    op.execute(PASSES)


def downgrade() -> None:
    for table in ("ledger_backfill", "closed_period", "entry", "journal"):
        op.drop_table(table)
    for function in ("shulk_journal_balances", "shulk_entries_balance", "shulk_closes_later"):
        op.execute(f"DROP FUNCTION {function}")
