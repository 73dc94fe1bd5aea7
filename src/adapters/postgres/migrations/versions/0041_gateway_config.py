"""Versions of the gateway configuration, secrets encrypted, each in effect from an instant on."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

ENCRYPTED = "^[A-Za-z0-9._-]{1,32}:."


def upgrade() -> None:
    op.create_table(
        "gateway_config",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("merchant_id", sa.String(length=100), nullable=False),
        sa.Column("payment_page_client_id", sa.String(length=100), nullable=False),
        sa.Column("api_version", sa.String(length=100), nullable=False),
        sa.Column("webhook_user", sa.String(length=100), nullable=False),
        sa.Column("methods", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("minimum_paise", sa.BigInteger(), nullable=False),
        sa.Column("maximum_paise", sa.BigInteger(), nullable=False),
        sa.Column("session_seconds", sa.Integer(), nullable=False),
        sa.Column("api_key", sa.Text(), nullable=True),
        sa.Column("response_key", sa.Text(), nullable=True),
        sa.Column("webhook_password", sa.Text(), nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("retires", sa.Boolean(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.String(length=255), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overlap_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "number > 0 AND based_on >= 0 AND based_on < number",
            name=op.f("ck_gateway_config_number"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'lapsed')",
            name=op.f("ck_gateway_config_state"),
        ),
        sa.CheckConstraint(
            "cardinality(methods) > 0 AND methods <@ ARRAY['UPI', 'CARD', 'NB', 'WALLET']::varchar[]",
            name=op.f("ck_gateway_config_methods"),
        ),
        sa.CheckConstraint(
            "1000 <= minimum_paise AND minimum_paise <= maximum_paise AND maximum_paise <= 50000000",
            name=op.f("ck_gateway_config_limits"),
        ),
        sa.CheckConstraint(
            "session_seconds BETWEEN 1 AND 3600", name=op.f("ck_gateway_config_session_seconds")
        ),
        sa.CheckConstraint(f"api_key ~ '{ENCRYPTED}'", name=op.f("ck_gateway_config_api_key")),
        sa.CheckConstraint(
            f"response_key ~ '{ENCRYPTED}'", name=op.f("ck_gateway_config_response_key")
        ),
        sa.CheckConstraint(
            f"webhook_password ~ '{ENCRYPTED}'", name=op.f("ck_gateway_config_webhook_password")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR alone OR decided_by <> proposed_by",
            name=op.f("ck_gateway_config_two_officers"),
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (effective_from IS NOT NULL) "
            "AND (state IN ('approved', 'rejected')) = (decided_by IS NOT NULL) "
            "AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_gateway_config_decided"),
        ),
        sa.CheckConstraint(
            "effective_from > decided_at", name=op.f("ck_gateway_config_effective_from")
        ),
        sa.PrimaryKeyConstraint("number", name="gateway_config_pkey"),
    )
    op.create_index(
        "gateway_config_one_proposed",
        "gateway_config",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    op.drop_table("gateway_config")
