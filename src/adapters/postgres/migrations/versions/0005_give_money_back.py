"""Refunds: the rows of a payment's own, what they add up to, and the list of those to ask about."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What a payment says went back, or is on its way back, is what its refunds say: checked behind every
# statement that touches either, so that the rule "never more than was captured" (a CHECK on the
# payment) holds for the rows of its refunds too, whatever runs at once and whoever writes.
ADD_UP = """
CREATE FUNCTION shulk_refunds_add_up() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    written jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
    IF EXISTS (
        SELECT FROM payment p
        CROSS JOIN LATERAL (
            SELECT
                coalesce(sum(amount_paise) FILTER (WHERE r.state = 'success'), 0) AS went_back,
                coalesce(sum(amount_paise) FILTER (WHERE r.state IN
                    ('awaiting_approval', 'requested', 'pending', 'manual_review')), 0) AS in_flight
            FROM refund r WHERE r.payment_id = p.id
        ) sums
        WHERE p.id = written ->> TG_ARGV[0]
        AND (p.refunded_paise, p.refunding_paise) IS DISTINCT FROM (went_back, in_flight)
    ) THEN
        RAISE EXCEPTION 'the refunds of % do not add up', written ->> TG_ARGV[0]
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_add_up';
    END IF;
    RETURN NULL;
END
$$
"""
TRIGGERS = (
    """
    CREATE TRIGGER refund_adds_up AFTER INSERT OR UPDATE OR DELETE ON refund FOR EACH ROW
    EXECUTE FUNCTION shulk_refunds_add_up('payment_id')
    """,
    """
    CREATE TRIGGER payment_refunds_add_up AFTER UPDATE OF refunded_paise, refunding_paise ON payment
    FOR EACH ROW WHEN ((OLD.refunded_paise, OLD.refunding_paise)
                       IS DISTINCT FROM (NEW.refunded_paise, NEW.refunding_paise))
    EXECUTE FUNCTION shulk_refunds_add_up('id')
    """,
    """
    CREATE TRIGGER payment_money_back_is_for_good BEFORE UPDATE OF refunded_paise ON payment
    FOR EACH ROW WHEN (NEW.refunded_paise < OLD.refunded_paise AND NEW.refunded_paise >= 0)
    EXECUTE FUNCTION shulk_refuse('money that went back cannot be untaken')
    """,
    """
    CREATE TRIGGER refund_success_is_for_good BEFORE UPDATE OR DELETE ON refund FOR EACH ROW
    WHEN (OLD.state = 'success')
    EXECUTE FUNCTION shulk_refuse_other_than_details()
    """,
)
# A refund that reached the student stays as it is; only the bank's references may come to light.
FOR_GOOD = """
CREATE FUNCTION shulk_refuse_other_than_details() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.payment_id, NEW.id, NEW.state, NEW.amount_paise)
        IS DISTINCT FROM (OLD.payment_id, OLD.id, OLD.state, OLD.amount_paise)
    THEN
        RAISE EXCEPTION 'a refund that reached the student cannot be undone' USING ERRCODE = 'SK002';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("revokes", sa.Boolean(), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("request_sha256", sa.String(length=64), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_reference", sa.String(length=100), nullable=False),
        sa.Column("arn", sa.String(length=100), nullable=False),
        sa.Column("error", sa.String(length=100), nullable=False),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_refund_amount")),
        sa.CheckConstraint(
            "state IN ('awaiting_approval', 'requested', 'pending', 'manual_review', 'success',"
            " 'failed', 'rejected', 'withdrawn')",
            name=op.f("ck_refund_state"),
        ),
        sa.CheckConstraint(
            "(request_key IS NULL) = (request_sha256 IS NULL)", name=op.f("ck_refund_key")
        ),
        sa.CheckConstraint(
            "decided_by <> asked_by OR state = 'withdrawn'", name=op.f("ck_refund_second_person")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="refund_payment"),
        sa.PrimaryKeyConstraint("payment_id", "id", name="refund_pkey"),
    )
    op.create_index(
        "refund_once", "refund", ["id"], unique=True, postgresql_where=sa.text("NOT outside")
    )
    op.create_index(
        "refund_key_once",
        "refund",
        ["asked_by", "request_key"],
        unique=True,
        postgresql_where=sa.text("request_key IS NOT NULL"),
    )
    op.create_table(
        "refund_watch",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("refund_id", sa.String(length=40), nullable=False),
        sa.Column("watched_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("payment_id", "refund_id", name="refund_watch_pkey"),
    )
    op.create_index("refund_watch_due", "refund_watch", ["due_at"], unique=False)
    op.create_check_constraint(
        op.f("ck_payment_went_back"),
        "payment",
        "CASE state WHEN 'refunded' THEN refunded_paise = coalesce(captured_paise, -1)"
        " WHEN 'partially_refunded' THEN refunded_paise BETWEEN 1 AND coalesce(captured_paise, 0) - 1"
        " WHEN 'success' THEN refunded_paise = 0 ELSE true END",
    )
    op.add_column("outbox", sa.Column("subject", sa.String(length=40), nullable=True))
    op.execute("UPDATE outbox SET subject = payment_id")
    op.alter_column("outbox", "subject", nullable=False)
    op.drop_constraint("outbox_once", "outbox")
    op.create_unique_constraint("outbox_once", "outbox", ["errand", "payment_id", "subject"])
    op.execute(ADD_UP)
    op.execute(FOR_GOOD)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.execute("DROP TRIGGER payment_money_back_is_for_good ON payment")
    op.execute("DROP TRIGGER payment_refunds_add_up ON payment")
    op.drop_constraint("outbox_once", "outbox")
    # Lines about refunds mean nothing to the schema below.
    op.execute("DELETE FROM outbox WHERE subject <> payment_id")
    op.create_unique_constraint("outbox_once", "outbox", ["errand", "payment_id"])
    op.drop_column("outbox", "subject")
    op.drop_constraint(op.f("ck_payment_went_back"), "payment")
    op.drop_table("refund_watch")
    op.drop_table("refund")
    op.execute("DROP FUNCTION shulk_refuse_other_than_details")
    op.execute("DROP FUNCTION shulk_refunds_add_up")
