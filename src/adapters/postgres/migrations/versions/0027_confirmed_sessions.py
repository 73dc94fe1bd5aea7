"""
A browser session remembers when its member of staff proved by a TOTP that it is they.

A process of the release before neither reads nor writes the column: its sessions do not open the console.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "browser_session", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("browser_session", "confirmed_at")
