"""Alerts as staff see them, one for each rule and subject, and what use cases raised."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_case",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beyond", sa.Integer(), nullable=False),
        sa.Column("within", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("sample", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("silenced_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silenced_by", sa.String(length=300), nullable=False),
        sa.Column("silence_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'firing', 'acknowledged', 'resolved')",
            name=op.f("ck_alert_case_state"),
        ),
        sa.CheckConstraint(
            "state <> 'acknowledged' OR acknowledged_by <> ''",
            name=op.f("ck_alert_case_acknowledged"),
        ),
        sa.CheckConstraint(
            "silenced_until IS NULL OR silence_reason <> ''",
            name=op.f("ck_alert_case_silenced"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_case")),
        sa.UniqueConstraint("rule", "subject", name="alert_case_once"),
    )
    op.create_table(
        "raised_alert",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name="raised_alert_pkey"),
    )


def downgrade() -> None:
    op.drop_table("raised_alert")
    op.drop_table("alert_case")
