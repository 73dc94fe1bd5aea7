"""
No index holds what settled an expectation, and its page has room for another version: settling it writes one row.

Before, each sale that was settled got new entries in three indexes, which took most of the time in which a run
settles many. A process of the release before finds what is open, and what a file settled, by reading all rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

# The pages of some hundred sales each tell which of few files settled them: such an index is a thousandth of a tree.
IN_FILE = """
CREATE INDEX expectation_in_file ON expectation
USING brin (settled_file text_bloom_ops (n_distinct_per_range = 64)) WITH (pages_per_range = 32, autosummarize = on)
"""
# How few pages the index leaves is not known to the planner, which would read all.
SETTLED_IN = """
CREATE FUNCTION shulk_settled_in(files text[]) RETURNS SETOF expectation LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM expectation WHERE settled_file = ANY(files);
END
$$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE expectation SET (fillfactor = 35)")
    op.execute(IN_FILE)
    op.execute(SETTLED_IN)
    op.drop_index("expectation_open", "expectation")
    op.drop_index("expectation_of_file", "expectation")


def downgrade() -> None:
    op.execute("DROP FUNCTION shulk_settled_in(text[])")
    op.create_index(
        "expectation_of_file",
        "expectation",
        [sa.text('"left"(settled_file::text, 8)')],
        postgresql_where=sa.text("settled_file IS NOT NULL"),
    )
    op.create_index(
        "expectation_open",
        "expectation",
        ["business_date", "payment_id"],
        postgresql_where=sa.text("settled_file IS NULL"),
    )
    op.drop_index("expectation_in_file", "expectation")
    op.execute("ALTER TABLE expectation RESET (fillfactor)")
