"""
The file of an archived month is deleted when no law wants it any more; the row stays, with its hash and when that was.

The triggers of the registers let a month come to its end, and date it: never before its time by the clock of the
database, nor while the file may hold anything of a payment under legal hold.
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None
still_serves = (
    "The release before knows neither of the new states, and no month comes into one of them until eight years after"
    " the end of its financial year."
)

STATES = "state IN ('open', 'exported', 'verified', 'dropped', 'deleting', 'deleted')"
EARLIER_STATES = "state IN ('open', 'exported', 'verified', 'dropped')"
TABLES = ("archived_month", "archived_records")

IS_ABOUT = """
CREATE FUNCTION shulk_file_is_about(of_kind text, of_month date, payment text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM archived_payment n
        WHERE n.payment_id IN (payment, 'shown:' || payment) AND n.kind = of_kind AND n.month = of_month
    ) OR (of_kind = 'audit_log' AND NOT EXISTS (
        -- A month of which not all was noted may be about anything.
        SELECT FROM archived_payment n WHERE n.payment_id = '' AND n.kind = of_kind AND n.month = of_month
    ))
$$
"""
MAY_END = """
CREATE FUNCTION shulk_keep_file(of_kind text, of_month date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- 31 March, eight years after the end of the financial year.
    ends integer := EXTRACT(year FROM of_month)::integer + (EXTRACT(month FROM of_month) > 3)::integer;
    kept_until date := make_date(ends + 8, 3, 31);
BEGIN
    IF (now() AT TIME ZONE 'Asia/Kolkata')::date <= kept_until THEN
        RAISE EXCEPTION 'a file stays until no law wants it' USING ERRCODE = 'SK002';
    END IF;
    IF EXISTS (SELECT FROM legal_hold h WHERE shulk_file_is_about(of_kind, of_month, h.payment_id)) THEN
        RAISE EXCEPTION 'the file of a payment under legal hold is kept' USING ERRCODE = 'SK002';
    END IF;
END
$$
"""
DATED = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'exported' THEN
            RAISE EXCEPTION 'a month is exported first' USING ERRCODE = 'SK002';
        END IF;
        NEW.verified_at := NULL;{ending}
    ELSIF {stays} THEN
        RAISE EXCEPTION 'what was archived stays on record' USING ERRCODE = 'SK002';
    ELSIF NEW.state = 'verified' AND OLD.state = 'exported' THEN
        NEW.verified_at := clock_timestamp();
    ELSIF NEW.state IN ('verified', 'dropped') AND OLD.state = 'verified' THEN
        NEW.verified_at := OLD.verified_at;
    ELSIF NEW.state IN ('verified', 'dropped'{never}) THEN
        RAISE EXCEPTION 'a month is read back before it is verified' USING ERRCODE = 'SK002';
    ELSE
        NEW.verified_at := NULL;
    END IF;
    RETURN NEW;
END
$$
"""
ENDING = """
    ELSIF OLD.state IN ('dropped', 'deleting') AND (OLD.state, NEW.state) IN (
        ('dropped', 'deleting'), ('deleting', 'dropped'), ('deleting', 'deleted')
    ) AND NOT ({other}) AND NEW.manifest = OLD.manifest AND NEW.exported_at = OLD.exported_at
      AND NEW.dropped_at IS NOT DISTINCT FROM OLD.dropped_at THEN
        NEW.verified_at := OLD.verified_at;
        NEW.ended_at := OLD.ended_at;
        NEW.deleted_at := NULL;
        IF NEW.state = 'deleting' THEN
            PERFORM shulk_keep_file({kind}, NEW.month);
            NEW.ended_at := clock_timestamp();
        ELSIF NEW.state = 'deleted' THEN
            IF OLD.ended_at > now() - interval '1 day' THEN
                RAISE EXCEPTION 'a file stays for a day when its time has ended' USING ERRCODE = 'SK002';
            END IF;
            NEW.deleted_at := clock_timestamp();
        ELSE
            NEW.ended_at := NULL;
        END IF;
"""
OTHER_MONTH = (
    "NEW.month <> OLD.month OR NEW.first_leaf <> OLD.first_leaf\n"
    "          OR NEW.stop_leaf <> OLD.stop_leaf"
)
OTHER_ROWS = "NEW.kind <> OLD.kind OR NEW.month <> OLD.month"


def _dated(function: str, other: str, kind: str) -> str:
    return DATED.format(
        function=function,
        ending=ENDING.format(other=other, kind=kind).rstrip(),
        stays=f"OLD.state IN ('dropped', 'deleting', 'deleted') OR {other}",
        never=", 'deleting', 'deleted'",
    )


def _earlier(function: str, other: str) -> str:
    return DATED.format(
        function=function, ending="", stays=f"OLD.state = 'dropped' OR {other}", never=""
    )


def upgrade() -> None:
    for table in TABLES:
        for column in ("ended_at", "deleted_at"):
            op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
        op.drop_constraint(op.f(f"ck_{table}_state"), table)
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, STATES)
    op.execute(IS_ABOUT)
    op.execute(MAY_END)
    op.execute(_dated("shulk_date_archived_month", OTHER_MONTH, "'audit_log'"))
    op.execute(_dated("shulk_date_archived_records", OTHER_ROWS, "NEW.kind"))


def downgrade() -> None:
    op.execute(_earlier("shulk_date_archived_month", OTHER_MONTH))
    op.execute(_earlier("shulk_date_archived_records", OTHER_ROWS))
    op.execute("DROP FUNCTION shulk_keep_file(text, date)")
    op.execute("DROP FUNCTION shulk_file_is_about(text, date, text)")
    for table in TABLES:
        op.drop_constraint(op.f(f"ck_{table}_state"), table)
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, EARLIER_STATES)
        op.drop_column(table, "deleted_at")
        op.drop_column(table, "ended_at")
