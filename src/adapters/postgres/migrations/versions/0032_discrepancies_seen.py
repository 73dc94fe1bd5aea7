"""
What a run saw of the discrepancies is found by an index.

A process of the release before writes and reads the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "discrepancy_seen",
        "discrepancy",
        [sa.text("tstzrange(first_found_at, last_found_at, '[]')")],
        postgresql_using="gist",
    )


def downgrade() -> None:
    op.drop_index("discrepancy_seen", "discrepancy")
