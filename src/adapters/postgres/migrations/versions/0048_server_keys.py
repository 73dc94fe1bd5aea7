"""
Keys of the platform's back ends.

A process of the release before knows no such key and refuses each as an invalid token.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "server_key",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "secret_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_server_key_secret_sha256")
        ),
        sa.CheckConstraint(
            "previous_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_server_key_previous_sha256")
        ),
        sa.CheckConstraint(
            "(previous_sha256 IS NULL) = (previous_until IS NULL)",
            name=op.f("ck_server_key_previous_until"),
        ),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_server_key_scopes")),
        sa.PrimaryKeyConstraint("id", name="server_key_pkey"),
    )


def downgrade() -> None:
    op.drop_table("server_key")
