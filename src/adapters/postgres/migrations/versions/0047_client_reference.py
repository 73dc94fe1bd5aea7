"""
A payment bears what the platform calls the purchase, which names one course for one student.

A process of the release before writes none and leaves those that are there alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("client_reference", sa.String(length=100)))
    op.add_column("payment", sa.Column("client_reference_first", sa.String(length=20)))
    op.create_index(
        "payment_one_client_reference",
        "payment",
        ["client_reference"],
        unique=True,
        postgresql_where=sa.text("client_reference IS NOT NULL AND client_reference_first IS NULL"),
    )
    op.create_index(
        "payment_client_reference",
        "payment",
        ["client_reference"],
        postgresql_where=sa.text("client_reference IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("payment_client_reference", "payment")
    op.drop_index("payment_one_client_reference", "payment")
    op.drop_column("payment", "client_reference_first")
    op.drop_column("payment", "client_reference")
