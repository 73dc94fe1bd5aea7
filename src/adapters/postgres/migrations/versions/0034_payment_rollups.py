"""
Steps of payments are counted by quarters of an hour, so that figures cost the same with any number of payments.

A trigger of the audit log lists each new step in the transaction that makes it; a job takes it off the list
when it adds it to the counts. Steps from before are counted by their ids, up to the newest at this moment:
the trigger holds off all writers of the audit log until this step is committed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
still_serves = (
    "The trigger adds a row to a table that a process of the release before does not know, and changes none of"
    " the rows that it writes or reads."
)

OUTCOMES = "'begun', 'paid', 'failed', 'abandoned', 'unstarted', 'recovered', 'free'"
LIST_STEP = """
CREATE FUNCTION shulk_list_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO uncounted_step (audit_id) VALUES (NEW.id);
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER audit_log_list_step AFTER INSERT ON audit_log FOR EACH ROW
WHEN (NEW.to_state IN ('success', 'failed', 'expired') OR NEW.from_state IS NULL AND NEW.to_state IS NOT NULL)
EXECUTE FUNCTION shulk_list_step()
"""
EARLIER = """
INSERT INTO rollup_backfill (until, after) SELECT max(id), 0 FROM audit_log HAVING max(id) IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "uncounted_step",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="uncounted_step_pkey"),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "1000",
        },
    )
    op.create_table(
        "payment_rollup",
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name=op.f("ck_payment_rollup_outcome")),
        sa.CheckConstraint("payments > 0", name=op.f("ck_payment_rollup_payments")),
        sa.PrimaryKeyConstraint(
            "bucket", "outcome", "method", "reason", name="payment_rollup_pkey"
        ),
    )
    op.create_table(
        "payment_time_rollup",
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "step", name="payment_time_rollup_pkey"),
    )
    op.create_table(
        "rollup_backfill",
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("until", name="rollup_backfill_pkey"),
    )
    op.execute(LIST_STEP)
    op.execute(TRIGGER)
    op.execute(EARLIER)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_log_list_step ON audit_log")
    op.execute("DROP FUNCTION shulk_list_step()")
    op.drop_table("rollup_backfill")
    op.drop_table("payment_time_rollup")
    op.drop_table("payment_rollup")
    op.drop_table("uncounted_step")
