"""
Webhooks that were refused wait until somebody has dismissed them.

A process of the release before writes and reads the table as it did. What was refused before waits, too.
"""

import sqlalchemy as sa
from advanced_alchemy.types import DateTimeUTC
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("dismissed_at", DateTimeUTC(timezone=True)))
    op.create_index(
        "inbox_refused",
        "inbox",
        ["closed_at", "id"],
        postgresql_where=sa.text("state = 'refused' AND dismissed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("inbox_refused", "inbox")
    op.drop_column("inbox", "dismissed_at")
