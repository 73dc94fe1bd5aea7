"""
What the bank charged in another amount or currency is recorded with its payment.

A process of the release before writes no currency: it captures rupees only, which NULL stands for. It
reads such a payment as failed, and refunds nothing of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("captured_currency", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("payment", "captured_currency")
