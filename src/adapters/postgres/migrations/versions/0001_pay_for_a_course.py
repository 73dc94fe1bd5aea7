"""Payments, their prices, the inbox and outbox around them, and the trail behind them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# PL/pgSQL has a variable of its own called "found", which would hide a parameter of that name.
EXPECT_ONE = """
CREATE FUNCTION shulk_expect_one(touched bigint, what text) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    IF touched <> 1 THEN
        RAISE EXCEPTION '% changed meanwhile', what USING ERRCODE = 'SK001';
    END IF;
    RETURN 1;
END
$$
"""
# The last seat belt of rules that the domain keeps already: money taken is never untaken by a
# change of state, and what happened stays written.
FORWARD_ONLY = """
CREATE FUNCTION shulk_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'SK002';
END
$$
"""
TRIGGERS = (
    """
    CREATE TRIGGER payment_forward_only BEFORE UPDATE OF state ON payment FOR EACH ROW
    WHEN (OLD.state IN ('success', 'partially_refunded', 'refunded')
          AND NEW.state NOT IN ('success', 'partially_refunded', 'refunded'))
    EXECUTE FUNCTION shulk_refuse('a payment that succeeded cannot be undone')
    """,
    """
    CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW
    EXECUTE FUNCTION shulk_refuse('the audit trail is only ever added to')
    """,
    """
    CREATE TRIGGER audit_log_never_emptied BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT
    EXECUTE FUNCTION shulk_refuse('the audit trail is only ever added to')
    """,
)


def upgrade() -> None:
    op.execute(EXPECT_ONE)
    op.execute(FORWARD_ONLY)
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("audit_log_subject", "audit_log", ["subject", "id"], unique=False)
    op.create_table(
        "course",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("list_price_paise", sa.BigInteger(), nullable=False),
        sa.Column("price_mode", sa.String(length=10), nullable=False),
        sa.Column("sac", sa.String(length=6), nullable=False),
        sa.Column("gst_rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("delivery", sa.String(length=10), nullable=False),
        sa.Column("venue_state", sa.String(length=2), nullable=True),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("gst_rate BETWEEN 0 AND 100", name=op.f("ck_course_rate")),
        sa.CheckConstraint("list_price_paise >= 0", name=op.f("ck_course_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    op.create_table(
        "discount",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("cap_paise", sa.BigInteger(), nullable=True),
        sa.Column("amount_paise", sa.BigInteger(), nullable=True),
        sa.Column("min_order_paise", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total_limit", sa.Integer(), nullable=True),
        sa.Column("per_student_limit", sa.Integer(), nullable=True),
        sa.Column("courses", sa.ARRAY(sa.String(length=64)), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_discount_used")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_discount")),
    )
    op.create_table(
        "discount_use",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("student_id", sa.String(length=100), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_discount_use_used")),
        sa.PrimaryKeyConstraint("code", "student_id", name="discount_use_pkey"),
    )
    op.create_table(
        "enrolment",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("student_id", sa.String(length=100), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("payment_id", name="enrolment_pkey"),
    )
    op.create_index(
        "enrolment_one_active",
        "enrolment",
        ["student_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "idempotency",
        sa.Column("student_id", sa.String(length=100), nullable=False),
        sa.Column("route", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "route", "key", name="idempotency_pkey"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("event_name", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.Column("only_sale", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copies", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'parked', 'applied', 'refused')", name=op.f("ck_inbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("event_id", "body_sha256", name="inbox_once"),
    )
    op.create_index(
        "inbox_due",
        "inbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('new', 'parked')"),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name="job_run_pkey"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("errand", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.CheckConstraint("state IN ('new', 'done', 'parked')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("errand", "payment_id", name="outbox_once"),
    )
    op.create_index(
        "outbox_due", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("state = 'new'")
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("student_id", sa.String(length=100), nullable=False),
        sa.Column("student_name", sa.String(length=100), nullable=False),
        sa.Column("student_email", sa.String(length=254), nullable=False),
        sa.Column("student_phone", sa.String(length=20), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("course_title", sa.String(length=200), nullable=False),
        sa.Column("list_price_paise", sa.BigInteger(), nullable=False),
        sa.Column("discount_paise", sa.BigInteger(), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("payable_paise", sa.BigInteger(), nullable=False),
        sa.Column("discount_code", sa.String(length=32), nullable=True),
        sa.Column("redemption", sa.String(length=20), nullable=True),
        sa.Column("second_tax", sa.String(length=5), nullable=True),
        sa.Column("supply", sa.String(length=20), nullable=False),
        sa.Column("place_code", sa.String(length=2), nullable=False),
        sa.Column("price_mode", sa.String(length=10), nullable=False),
        sa.Column("sac", sa.String(length=6), nullable=False),
        sa.Column("gst_rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("rounding_policy", sa.String(length=40), nullable=False),
        sa.Column("buyer_name", sa.String(length=100), nullable=False),
        sa.Column("buyer_state", sa.String(length=2), nullable=False),
        sa.Column("buyer_gstin", sa.String(length=15), nullable=True),
        sa.Column("buyer_address", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gateway_order_id", sa.String(length=100), nullable=True),
        sa.Column("payment_url", sa.Text(), nullable=True),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("attention", sa.String(length=40), nullable=True),
        sa.Column("captured_paise", sa.BigInteger(), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_txn_id", sa.String(length=100), nullable=True),
        sa.Column("bank_reference", sa.String(length=100), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("card_tail", sa.String(length=4), nullable=True),
        sa.Column("card_brand", sa.String(length=40), nullable=True),
        sa.Column("card_issuer", sa.String(length=100), nullable=True),
        sa.Column("refunded_paise", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunding_paise", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("card_tail ~ '^[0-9]{4}$'", name=op.f("ck_payment_card_tail")),
        sa.CheckConstraint(
            "state IN ('pending', 'processing', 'failed', 'expired')"
            " OR payable_paise = 0 OR coalesce(captured_paise, -1) = payable_paise",
            name=op.f("ck_payment_sold_means_captured"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'processing', 'success', 'failed', 'expired', 'partially_refunded', 'refunded')",
            name=op.f("ck_payment_state"),
        ),
        sa.CheckConstraint("cgst_paise = sgst_paise", name=op.f("ck_payment_halves")),
        sa.CheckConstraint(
            "refunded_paise >= 0 AND refunding_paise >= 0"
            " AND refunded_paise + refunding_paise <= coalesce(captured_paise, 0)",
            name=op.f("ck_payment_refunds"),
        ),
        sa.CheckConstraint(
            "taxable_paise + cgst_paise + sgst_paise + igst_paise = payable_paise",
            name=op.f("ck_payment_parts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "payment_history",
        "payment",
        ["student_id", sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "payment_live_until",
        "payment",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
    op.create_index(
        "payment_unsold_since",
        "payment",
        ["closed_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('failed', 'expired') AND gateway_order_id IS NOT NULL"),
    )
    op.create_index(
        "payment_one_live",
        "payment",
        ["student_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.drop_index(
        "payment_unsold_since",
        table_name="payment",
        postgresql_where=sa.text("state IN ('failed', 'expired') AND gateway_order_id IS NOT NULL"),
    )
    op.drop_index(
        "payment_one_live",
        table_name="payment",
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
    op.drop_index(
        "payment_live_until",
        table_name="payment",
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
    op.drop_index("payment_history", table_name="payment")
    op.drop_table("payment")
    op.drop_index("outbox_due", table_name="outbox", postgresql_where=sa.text("state = 'new'"))
    op.drop_table("outbox")
    op.drop_table("job_run")
    op.drop_index(
        "inbox_due", table_name="inbox", postgresql_where=sa.text("state IN ('new', 'parked')")
    )
    op.drop_table("inbox")
    op.drop_table("idempotency")
    op.drop_index(
        "enrolment_one_active", table_name="enrolment", postgresql_where=sa.text("until IS NULL")
    )
    op.drop_table("enrolment")
    op.drop_table("discount_use")
    op.drop_table("discount")
    op.drop_table("course")
    op.drop_index("audit_log_subject", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION shulk_refuse")
    op.execute("DROP FUNCTION shulk_expect_one")
