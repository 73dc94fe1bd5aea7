"""
A payment says that the request for its session has ended without the bank's answer, so that the next one may ask.

A process of the release before writes nothing here: what it began is asked for again after the longest call, as
before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("session_unanswered", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("payment", "session_unanswered")
