"""
Idempotency keys are found by the end of their last claim, so that those of days ago are deleted.

A process of the release before reads and writes the table as it did.
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("idempotency_claimed", "idempotency", ["locked_until"])


def downgrade() -> None:
    op.drop_index("idempotency_claimed", "idempotency")
