"""
What the lines of a file have settled is found by the beginning of its hash alone.

The index before held the whole hash and the line of each settled sale: to write it took most of the time in which
a run settles many. A process of the release before finds the same rows by reading them all, until it has ended.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

SETTLED = "settled_file IS NOT NULL"


def upgrade() -> None:
    op.create_index(
        "expectation_of_file",
        "expectation",
        [sa.text('"left"(settled_file::text, 8)')],
        postgresql_where=sa.text(SETTLED),
    )
    op.drop_index("expectation_of_line", "expectation")


def downgrade() -> None:
    op.create_index(
        "expectation_of_line",
        "expectation",
        ["settled_file", "settled_line"],
        postgresql_where=sa.text(SETTLED),
    )
    op.drop_index("expectation_of_file", "expectation")
