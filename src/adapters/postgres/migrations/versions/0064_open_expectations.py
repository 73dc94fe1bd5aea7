"""
What the bank has still to settle is listed in a table of its own, which triggers of the expectations keep.

What is listed here is little, however long the history is. The next step takes away the indexes that told it before,
so that an expectation can be settled without an entry in any index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None
still_serves = (
    "The triggers add and delete rows of a table that a process of the release before does not know, and change none"
    " of the rows that it writes or reads."
)

# A plan that was kept for few rows joins them one by one: for many it is made anew.
LIST = """
CREATE FUNCTION shulk_list_expectations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    told integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT count(*) INTO told FROM (SELECT FROM changed LIMIT 1000) first_ones;
        IF told = 0 THEN
            RETURN NULL;
        ELSIF told < 1000 THEN
            DELETE FROM open_expectation o USING changed c
            WHERE (o.payment_id, o.refund_id) = (c.payment_id, c.refund_id) AND c.settled_file IS NOT NULL;
        ELSE
            EXECUTE 'DELETE FROM open_expectation o USING changed c'
                ' WHERE (o.payment_id, o.refund_id) = (c.payment_id, c.refund_id) AND c.settled_file IS NOT NULL';
        END IF;
    END IF;
    INSERT INTO open_expectation (payment_id, refund_id)
    SELECT payment_id, refund_id FROM changed WHERE settled_file IS NULL ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER expectation_listed_{event} AFTER {event} ON expectation REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION shulk_list_expectations()
"""
# The triggers hold off all writers until this step is committed: nothing is missed.
FILL = """
INSERT INTO open_expectation (payment_id, refund_id)
SELECT payment_id, refund_id FROM expectation WHERE settled_file IS NULL
"""


def upgrade() -> None:
    op.create_table(
        "open_expectation",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("refund_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("payment_id", "refund_id", name="open_expectation_pkey"),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "1000",
        },
    )
    op.execute(LIST)
    op.execute(TRIGGER.format(event="insert"))
    op.execute(TRIGGER.format(event="update"))
    op.execute(FILL)
    op.execute("ANALYZE open_expectation")


def downgrade() -> None:
    op.execute("DROP TRIGGER expectation_listed_insert ON expectation")
    op.execute("DROP TRIGGER expectation_listed_update ON expectation")
    op.execute("DROP FUNCTION shulk_list_expectations()")
    op.drop_table("open_expectation")
