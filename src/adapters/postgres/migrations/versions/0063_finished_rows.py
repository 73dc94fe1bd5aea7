"""The rows of the inbox and the outbox that are finished are found by when they were, to be archived by the month."""

from alembic import op
from sqlalchemy import text

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None
still_serves = "An index changes no answer; whoever writes waits while it is made, or tries again."

APPLIED = "state = 'applied' OR (state = 'refused' AND dismissed_at IS NOT NULL)"


def upgrade() -> None:
    op.create_index("inbox_finished", "inbox", ["closed_at", "id"], postgresql_where=text(APPLIED))
    op.create_index(
        "outbox_finished",
        "outbox",
        ["closed_at", "id"],
        postgresql_where=text("state = 'done' AND why IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("outbox_finished", table_name="outbox")
    op.drop_index("inbox_finished", table_name="inbox")
