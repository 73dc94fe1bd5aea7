"""
Rows that are a record leave the database month by month, as those of the audit log do: archived, read back, dropped.

A function of the owner deletes them, and only those of a month whose file was read back 30 days ago by the clock of the
database, and about no payment that still needs them. What payments were decided on is held by a trigger besides. It is
noted about which payments a file has rows, so that a proof pack reads these files alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None
still_serves = (
    "The trigger lets go what the function of this release deletes, and refuses the rest as it did: no release"
    " before deletes what a payment was decided on."
)

DATED = """
CREATE FUNCTION shulk_date_archived_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'exported' THEN
            RAISE EXCEPTION 'a month is exported first' USING ERRCODE = 'SK002';
        END IF;
        NEW.verified_at := NULL;
    ELSIF OLD.state = 'dropped' OR NEW.kind <> OLD.kind OR NEW.month <> OLD.month THEN
        RAISE EXCEPTION 'what was archived stays on record' USING ERRCODE = 'SK002';
    ELSIF NEW.state = 'verified' AND OLD.state = 'exported' THEN
        NEW.verified_at := clock_timestamp();
    ELSIF NEW.state IN ('verified', 'dropped') AND OLD.state = 'verified' THEN
        NEW.verified_at := OLD.verified_at;
    ELSIF NEW.state IN ('verified', 'dropped') THEN
        RAISE EXCEPTION 'a month is read back before it is verified' USING ERRCODE = 'SK002';
    ELSE
        NEW.verified_at := NULL;
    END IF;
    RETURN NEW;
END
$$
"""
DATED_ROWS = """
CREATE TRIGGER archived_records_dated BEFORE INSERT OR UPDATE ON archived_records FOR EACH ROW
EXECUTE FUNCTION shulk_date_archived_records()
"""
NEVER_DELETED = """
CREATE TRIGGER archived_records_never_{what} BEFORE {event} ON archived_records FOR EACH {each}
EXECUTE FUNCTION shulk_refuse('what was archived stays on record')
"""
MAY_GO = """
CREATE FUNCTION shulk_month_may_go(of_kind text, of_month date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM archived_records m WHERE m.kind = of_kind AND m.month = of_month AND m.state = 'verified'
        AND m.verified_at <= now() - interval '30 days'
    ) AND of_month + interval '1 month' + interval '80 days' < now()
$$
"""
KEPT_PAYMENTS = """
CREATE FUNCTION shulk_kept_payments(payments text[]) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT payment_id FROM legal_hold WHERE payment_id = ANY (payments)
    UNION SELECT id FROM payment WHERE id = ANY (payments) AND (
        state IN ('pending', 'processing') OR review_since IS NOT NULL OR refunding_paise > 0
        OR dispute_respond_by IS NOT NULL)
    UNION SELECT id FROM question WHERE id = ANY (payments)
    UNION SELECT payment_id FROM refund_watch WHERE payment_id = ANY (payments)
    UNION SELECT payment_id FROM outbox WHERE state = 'new' AND payment_id = ANY (payments)
    UNION SELECT payment_id FROM outbox WHERE state = 'dead' AND payment_id = ANY (payments)
    UNION SELECT payment_id FROM rebuild_difference WHERE payment_id = ANY (payments)
    UNION SELECT about FROM discrepancy d, unnest(d.ids) AS about
        WHERE d.ids && payments AND d.state IN ('open', 'healing', 'awaiting_approval') AND about = ANY (payments)
$$
"""
KEEP = """
CREATE FUNCTION shulk_keep_basis() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT shulk_month_may_go('decision_basis', date_trunc('month', OLD.at AT TIME ZONE 'Asia/Kolkata')::date) THEN
        RAISE EXCEPTION 'what a payment was decided on is only ever added to' USING ERRCODE = 'SK002';
    END IF;
    RETURN OLD;
END
$$
"""
KEPT = """
CREATE TRIGGER decision_basis_never_deleted BEFORE DELETE ON decision_basis FOR EACH ROW
EXECUTE FUNCTION shulk_keep_basis()
"""
ONLY_ADDED = """
CREATE TRIGGER decision_basis_append_only BEFORE {events} ON decision_basis FOR EACH ROW
EXECUTE FUNCTION shulk_refuse('what a payment was decided on is only ever added to')
"""
DROP = """
CREATE FUNCTION shulk_drop_records(of_kind text, of_month date, at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    begins timestamptz := of_month::timestamp AT TIME ZONE 'Asia/Kolkata';
    ends timestamptz := (of_month + interval '1 month') AT TIME ZONE 'Asia/Kolkata';
    theirs bigint[];
    payments text[];
BEGIN
    IF of_kind = 'inbox' THEN
        SELECT array_agg(id), array_agg(DISTINCT about) INTO theirs, payments FROM (
            SELECT id, order_id AS about FROM inbox
            WHERE closed_at >= begins AND closed_at < ends
              AND (state = 'applied' OR (state = 'refused' AND dismissed_at IS NOT NULL))
            ORDER BY closed_at, id LIMIT at_most) due;
    ELSIF of_kind = 'outbox' THEN
        SELECT array_agg(id), array_agg(DISTINCT about) INTO theirs, payments FROM (
            SELECT id, payment_id AS about FROM outbox
            WHERE closed_at >= begins AND closed_at < ends AND state = 'done' AND why IS NULL
            ORDER BY closed_at, id LIMIT at_most) due;
    ELSE
        SELECT array_agg(id), array_agg(DISTINCT about) INTO theirs, payments FROM (
            SELECT id, payment_id AS about FROM decision_basis
            WHERE at >= begins AND at < ends ORDER BY at, id LIMIT at_most) due;
    END IF;
    -- Nothing is left: whoever emptied the month may have said so already.
    IF theirs IS NULL THEN
        RETURN 0;
    END IF;
    IF NOT shulk_month_may_go(of_kind, of_month) THEN
        RAISE EXCEPTION 'rows stay until their file was read back 30 days ago' USING ERRCODE = 'SK002';
    END IF;
    IF EXISTS (SELECT FROM shulk_kept_payments(payments)) THEN
        RAISE EXCEPTION 'the rows of a payment that still needs them, or is under legal hold, are kept'
            USING ERRCODE = 'SK002';
    END IF;
    IF of_kind = 'inbox' THEN
        -- Asked once more: a copy that came meanwhile makes a webhook news again.
        DELETE FROM inbox WHERE id = ANY (theirs)
            AND (state = 'applied' OR (state = 'refused' AND dismissed_at IS NOT NULL));
    ELSIF of_kind = 'outbox' THEN
        DELETE FROM outbox WHERE id = ANY (theirs) AND state = 'done' AND why IS NULL;
    ELSE
        DELETE FROM decision_basis WHERE id = ANY (theirs);
    END IF;
    -- Not how many this call deleted: another may have taken the same rows, and more may be left.
    RETURN cardinality(theirs);
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "archived_records",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "month", name="archived_records_pkey"),
        sa.CheckConstraint(
            "kind IN ('inbox', 'outbox', 'decision_basis')", name=op.f("ck_archived_records_kind")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'exported', 'verified', 'dropped')",
            name=op.f("ck_archived_records_state"),
        ),
        sa.CheckConstraint(
            "EXTRACT(day FROM month) = 1", name=op.f("ck_archived_records_first_day")
        ),
    )
    op.create_table(
        "archived_payment",
        sa.Column("payment_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("payment_id", "kind", "month", name="archived_payment_pkey"),
    )
    op.create_table(
        "restored_record",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("line", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "number", name="restored_record_pkey"),
    )
    op.execute(DATED)
    op.execute(DATED_ROWS)
    op.execute(NEVER_DELETED.format(what="deleted", event="DELETE", each="ROW"))
    op.execute(NEVER_DELETED.format(what="emptied", event="TRUNCATE", each="STATEMENT"))
    op.execute(MAY_GO)
    op.execute(KEPT_PAYMENTS)
    op.execute(KEEP)
    op.execute("DROP TRIGGER IF EXISTS decision_basis_append_only ON decision_basis")
    op.execute(ONLY_ADDED.format(events="UPDATE"))
    op.execute(KEPT)
    op.execute(DROP)
    op.execute("REVOKE ALL ON FUNCTION shulk_drop_records FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION shulk_drop_records")
    op.execute("DROP TRIGGER decision_basis_never_deleted ON decision_basis")
    op.execute("DROP TRIGGER decision_basis_append_only ON decision_basis")
    op.execute(ONLY_ADDED.format(events="UPDATE OR DELETE"))
    op.execute("DROP FUNCTION shulk_keep_basis")
    op.execute("DROP FUNCTION shulk_kept_payments")
    op.execute("DROP FUNCTION shulk_month_may_go")
    op.drop_table("restored_record")
    op.drop_table("archived_payment")
    op.drop_table("archived_records")
    op.execute("DROP FUNCTION shulk_date_archived_records")
