"""
An idempotency key has up to 255 characters, as clients of other payment services send them.

A longer VARCHAR rewrites no table and no index. A process of the release before takes keys of up to 64.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

still_serves = (
    "Each column only becomes wider: the three tables are locked for as long as their entries in the catalogue"
    " are written, and the lock timeout ends a migration that would have to wait for one of them."
)

BEFORE: Final = 64
AFTER: Final = 255
KEYS: Final = (
    ("idempotency", "key", False),
    ("refund", "request_key", True),
    ("resolution", "request_key", True),
)


def upgrade() -> None:
    for table, column, nullable in KEYS:
        op.alter_column(
            table,
            column,
            type_=sa.String(length=AFTER),
            existing_type=sa.String(length=BEFORE),
            existing_nullable=nullable,
        )


def downgrade() -> None:
    for table, column, nullable in KEYS:
        op.alter_column(
            table,
            column,
            type_=sa.String(length=BEFORE),
            existing_type=sa.String(length=AFTER),
            existing_nullable=nullable,
        )
