"""What the bank reports beside the amount of an order, when it charged something else than that."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AMOUNTS = ("effective_paise", "surcharge_paise", "offer_paise")


def upgrade() -> None:
    for column in AMOUNTS:
        op.add_column("payment", sa.Column(column, sa.BigInteger(), nullable=True))
    op.add_column("payment", sa.Column("adjustment_unreadable", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("payment", "adjustment_unreadable")
    for column in reversed(AMOUNTS):
        op.drop_column("payment", column)
