"""
A payment knows the language that its student had chosen, so that letters are written in it.

A process of the release before writes none, and the payment is in English.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "payment", sa.Column("language", sa.String(2), nullable=False, server_default="en")
    )


def downgrade() -> None:
    op.drop_column("payment", "language")
