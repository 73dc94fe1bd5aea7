"""
The lines by which the bank holds back a reserve, and releases it, are found by an index of their own.

A process of the release before writes and reads the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "settlement_line_reserve",
        "settlement_line",
        ["mid"],
        postgresql_where=sa.text("line_type IN ('reserve_hold', 'reserve_release')"),
    )


def downgrade() -> None:
    op.drop_index("settlement_line_reserve", "settlement_line")
