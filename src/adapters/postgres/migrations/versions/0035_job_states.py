"""
The last run of each periodic job, who asked for another, and the runs that are remembered.

A process of the release before does not know them.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_state",
        sa.Column("job", sa.String(60), nullable=False),
        sa.Column("trigger", sa.String(10)),
        sa.Column("started_by", sa.String(300)),
        sa.Column("began_at", DateTimeUTC(timezone=True)),
        sa.Column("lease_until", DateTimeUTC(timezone=True)),
        sa.Column("ended_at", DateTimeUTC(timezone=True)),
        sa.Column("result", sa.String(10)),
        sa.Column("handled", sa.Integer, nullable=False, server_default="0"),
        sa.Column("why", sa.String(200), nullable=False, server_default=""),
        sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("asked_at", DateTimeUTC(timezone=True)),
        sa.Column("asked_by", sa.String(300), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("job", name="job_state_pkey"),
        sa.CheckConstraint(
            "result IN ('done', 'failed', 'lost')", name=op.f("ck_job_state_result")
        ),
        sa.CheckConstraint(
            "(began_at IS NULL) = (trigger IS NULL)", name=op.f("ck_job_state_begun")
        ),
        sa.CheckConstraint(
            "began_at IS NULL OR ended_at IS NOT NULL OR lease_until IS NOT NULL",
            name=op.f("ck_job_state_leased"),
        ),
    )
    op.create_table(
        "job_history",
        sa.Column("job", sa.String(60), nullable=False),
        sa.Column("began_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("trigger", sa.String(10), nullable=False),
        sa.Column("started_by", sa.String(300), nullable=False),
        sa.Column("ended_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("handled", sa.Integer, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("job", "began_at", name="job_history_pkey"),
    )


def downgrade() -> None:
    op.drop_table("job_history")
    op.drop_table("job_state")
