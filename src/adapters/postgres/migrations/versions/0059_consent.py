"""
A payment bears what its student agreed to: the version of the privacy notice, where it stood, and when.

A process of the release before writes none and leaves those that are there alone.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("consent_version", sa.String(64)))
    op.add_column("payment", sa.Column("consent_notice_url", sa.Text()))
    op.add_column("payment", sa.Column("consent_at", DateTimeUTC(timezone=True)))


def downgrade() -> None:
    op.drop_column("payment", "consent_at")
    op.drop_column("payment", "consent_notice_url")
    op.drop_column("payment", "consent_version")
