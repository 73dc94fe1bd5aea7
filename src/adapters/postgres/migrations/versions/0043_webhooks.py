"""Endpoints of the platform, and what is delivered to each of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=100), nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("payload", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('enabled', 'disabled')", name=op.f("ck_webhook_endpoint_state")
        ),
        sa.CheckConstraint(
            "(state = 'disabled') = (disabled_at IS NOT NULL)",
            name=op.f("ck_webhook_endpoint_disabled"),
        ),
        sa.CheckConstraint(
            "secret ~ '^[A-Za-z0-9._-]{1,32}:.'", name=op.f("ck_webhook_endpoint_secret")
        ),
        sa.CheckConstraint(
            "previous_secret ~ '^[A-Za-z0-9._-]{1,32}:.'",
            name=op.f("ck_webhook_endpoint_previous_secret"),
        ),
        sa.CheckConstraint(
            "previous_secret IS NULL OR previous_until IS NOT NULL",
            name=op.f("ck_webhook_endpoint_previous_until"),
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_endpoint_pkey"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("endpoint_id", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'done', 'dead')", name=op.f("ck_webhook_delivery_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("endpoint_id", "event_id", name="webhook_delivery_once"),
    )
    op.create_index(
        "webhook_delivery_due",
        "webhook_delivery",
        ["endpoint_id", "due_at"],
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index("webhook_delivery_log", "webhook_delivery", ["endpoint_id", "id"])
    op.create_index("webhook_delivery_age", "webhook_delivery", ["occurred_at"])


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_endpoint")
