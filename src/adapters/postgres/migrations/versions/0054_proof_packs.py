"""
An email is kept by the hash of its text, and what is known of one payment is found without reading a table.

A process of the release before writes and reads these tables as it did; its emails have no hash.
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

still_serves = "The column is added empty, which rewrites nothing, and the indexes are made while tables are read."


def upgrade() -> None:
    op.add_column("outbox", sa.Column("text_sha256", sa.String(64)))
    op.create_index("inbox_of_order", "inbox", ["order_id"])
    op.create_index("webhook_delivery_of_payment", "webhook_delivery", ["payment_id"])


def downgrade() -> None:
    op.drop_index("webhook_delivery_of_payment", "webhook_delivery")
    op.drop_index("inbox_of_order", "inbox")
    op.drop_column("outbox", "text_sha256")
