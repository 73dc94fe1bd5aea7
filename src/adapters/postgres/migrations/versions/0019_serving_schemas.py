"""The schema says which releases may serve on it: from the oldest whose newest migration is named here."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
serves_from = "0019"


def upgrade() -> None:
    op.create_table(
        "schema_serving",
        sa.Column("oldest", sa.String(length=32), nullable=False),
        sa.Column("newest", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("newest", name="schema_serving_pkey"),
    )


def downgrade() -> None:
    op.drop_table("schema_serving")
