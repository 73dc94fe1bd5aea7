"""
A version of the gateway configuration holds the highest amount of each method that has one of its own.

A process of the release before writes none, and offers such a method for higher amounts as it did.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gateway_config", sa.Column("method_maxima", JSONB))


def downgrade() -> None:
    op.drop_column("gateway_config", "method_maxima")
