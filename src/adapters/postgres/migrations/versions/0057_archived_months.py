"""
Closed months of the audit log are archived, and their entries leave the database by a function of the owner.

The role that serves may still delete nothing of the audit log. The function deletes what the trigger lets go: entries
of a month whose file was read back 30 days ago by the clock of the database, a year old, and about no payment under
legal hold. ``apply_grants`` lets the role call it; nobody else may. A restored month stands in a table beside the log.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None
still_serves = (
    "The trigger lets go what the function of this release deletes, and refuses the rest as it did: no release"
    " before deletes an entry."
)

DATED = """
CREATE FUNCTION shulk_date_archived_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'exported' THEN
            RAISE EXCEPTION 'a month is exported first' USING ERRCODE = 'SK002';
        END IF;
        NEW.verified_at := NULL;
    ELSIF OLD.state = 'dropped' OR NEW.month <> OLD.month OR NEW.first_leaf <> OLD.first_leaf
          OR NEW.stop_leaf <> OLD.stop_leaf THEN
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
CREATE TRIGGER archived_month_dated BEFORE INSERT OR UPDATE ON archived_month FOR EACH ROW
EXECUTE FUNCTION shulk_date_archived_month()
"""
NEVER_DELETED = """
CREATE TRIGGER archived_month_never_{what} BEFORE {event} ON archived_month FOR EACH {each}
EXECUTE FUNCTION shulk_refuse('what was archived stays on record')
"""
KEEP = """
CREATE FUNCTION shulk_keep_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_leaf l JOIN archived_month m
            ON l.leaf_index >= m.first_leaf AND l.leaf_index < m.stop_leaf
        WHERE l.audit_id = OLD.id AND m.state = 'verified' AND m.verified_at <= now() - interval '30 days'
    ) OR OLD.at > now() - interval '365 days' THEN
        RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = 'SK002';
    END IF;
    IF EXISTS (SELECT FROM legal_hold h WHERE OLD.subject IN (h.payment_id, 'shown:' || h.payment_id)) THEN
        RAISE EXCEPTION 'the audit trail of a payment under legal hold is kept' USING ERRCODE = 'SK002';
    END IF;
    RETURN OLD;
END
$$
"""
KEPT = """
CREATE TRIGGER audit_log_never_deleted BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION shulk_keep_entry()
"""
EARLIER = """
CREATE TRIGGER audit_log_never_deleted BEFORE DELETE ON audit_log FOR EACH ROW
EXECUTE FUNCTION shulk_refuse('the audit trail is only ever added to')
"""
DROP = """
CREATE FUNCTION shulk_drop_entries(first bigint, stop bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    theirs bigint[];
    dropped bigint;
BEGIN
    SELECT array_agg(audit_id) INTO theirs FROM audit_leaf WHERE leaf_index >= first AND leaf_index < stop;
    DELETE FROM audit_log WHERE id = ANY (theirs);
    GET DIAGNOSTICS dropped = ROW_COUNT;
    DELETE FROM audit_origin WHERE audit_id = ANY (theirs);
    RETURN dropped;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "archived_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("first_leaf", sa.BigInteger(), nullable=False),
        sa.Column("stop_leaf", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("month", name="archived_month_pkey"),
        sa.UniqueConstraint("first_leaf", name="archived_month_first_leaf_once"),
        sa.CheckConstraint(
            "state IN ('open', 'exported', 'verified', 'dropped')",
            name=op.f("ck_archived_month_state"),
        ),
        sa.CheckConstraint("first_leaf < stop_leaf", name=op.f("ck_archived_month_leaves")),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name=op.f("ck_archived_month_first_day")),
    )
    op.create_table(
        "restored_line",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("line", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="restored_line_pkey"),
    )
    op.create_index("restored_line_month", "restored_line", ["month"])
    op.execute(DATED)
    op.execute(DATED_ROWS)
    op.execute(NEVER_DELETED.format(what="deleted", event="DELETE", each="ROW"))
    op.execute(NEVER_DELETED.format(what="emptied", event="TRUNCATE", each="STATEMENT"))
    op.execute(KEEP)
    op.execute("DROP TRIGGER IF EXISTS audit_log_never_deleted ON audit_log")
    op.execute(KEPT)
    op.execute(DROP)
    op.execute("REVOKE ALL ON FUNCTION shulk_drop_entries FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION shulk_drop_entries")
    op.execute("DROP TRIGGER audit_log_never_deleted ON audit_log")
    op.execute(EARLIER)
    op.execute("DROP FUNCTION shulk_keep_entry")
    op.drop_table("restored_line")
    op.drop_table("archived_month")
    op.execute("DROP FUNCTION shulk_date_archived_month")
