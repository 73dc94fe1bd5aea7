"""
The newest discrepancies of a type, cause, state and owner are found by an index, and so is that there are none.

A process of the release before writes and reads the table as it did.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "discrepancy_by_kind",
        "discrepancy",
        ["type", "cause", "state", "owner", "first_found_at", "id"],
    )


def downgrade() -> None:
    op.drop_index("discrepancy_by_kind", "discrepancy")
