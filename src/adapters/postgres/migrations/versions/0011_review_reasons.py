"""
Reasons for a review become a set: each with the instant since when it is open.

A process of the release before keeps serving. It knows the column ``attention`` alone, with one word:

- It reads there the gravest reason, by a word that it knows. So it asks nobody to pay again where the
  bank may hold money.
- When it writes another word, the trigger adds that reason to the set, and the earlier ones stay.
- When it clears the word, the trigger takes that reason out of the set. Where others are left, the
  column names the oldest of them.

Rows that it flagged before this step are carried over with the best instant that is known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Both columns are written by this release; ``attention`` alone only by the release before.
KEEP_SET = """
CREATE FUNCTION shulk_keep_review() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    known jsonb := coalesce(NEW.review, '{}'::jsonb);
BEGIN
    IF NEW.attention IS NULL THEN
        known := known - OLD.attention;
    ELSIF NOT known ? NEW.attention THEN
        known := known || jsonb_build_object(NEW.attention, to_jsonb(now()));
    END IF;
    NEW.review := nullif(known, '{}'::jsonb);
    NEW.review_since := (SELECT min(value::timestamptz) FROM jsonb_each_text(known));
    IF NEW.attention IS NULL THEN
        NEW.attention := (
            SELECT CASE WHEN key IN (
                'authorised_only', 'voided', 'capture_pending', 'auto_refunded', 'partly_charged',
                'unknown_status', 'amount_differs', 'currency_differs', 'paid_twice', 'course_closed',
                'refund_outside', 'refund_failed', 'refund_in_review', 'refund_overdue',
                'refund_differs', 'refund_unclear', 'refunds_exceed', 'unresolved'
            ) THEN key ELSE 'unknown_status' END
            FROM jsonb_each_text(known) ORDER BY value::timestamptz, key LIMIT 1);
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGER = """
CREATE TRIGGER payment_keep_review BEFORE UPDATE OF attention ON payment FOR EACH ROW
WHEN (NEW.attention IS DISTINCT FROM OLD.attention AND NEW.review IS NOT DISTINCT FROM OLD.review)
EXECUTE FUNCTION shulk_keep_review()
"""
CARRY_OVER = """
UPDATE payment SET
    review = jsonb_build_object(attention, to_jsonb(since.at)),
    review_since = since.at
FROM (
    SELECT p.id, coalesce(
        (SELECT max(a.at) FROM audit_log a
         WHERE a.subject = p.id AND a.facts ->> 'attention' = p.attention),
        p.closed_at, p.opened_at) AS at
    FROM payment p WHERE p.attention IS NOT NULL
) since
WHERE since.id = payment.id
"""


def upgrade() -> None:
    op.add_column("payment", sa.Column("review", postgresql.JSONB(), nullable=True))
    op.add_column("payment", sa.Column("review_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "payment",
        sa.Column("review_accepted", postgresql.ARRAY(sa.String(length=40)), nullable=True),
    )
    op.execute(KEEP_SET)
    op.execute(TRIGGER)
    op.execute(CARRY_OVER)
    op.create_check_constraint(
        op.f("ck_payment_review"), "payment", "(review IS NULL) = (review_since IS NULL)"
    )
    op.create_index(
        "payment_review",
        "payment",
        ["review_since", "id"],
        postgresql_where=sa.text("review_since IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("payment_review", table_name="payment")
    op.drop_constraint(op.f("ck_payment_review"), "payment", type_="check")
    op.execute("DROP TRIGGER payment_keep_review ON payment")
    op.execute("DROP FUNCTION shulk_keep_review")
    for column in ("review_accepted", "review_since", "review"):
        op.drop_column("payment", column)
