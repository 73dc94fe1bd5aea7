"""
The four work queues say the same: a deferred entry is tried again, a dead one was given up.

A worker of the version before that still runs cannot write its old words any more. What it holds
comes back when its lease has run out, so nothing is lost; an old word would never be claimed again.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE: Final = {
    "inbox": ("new", "parked", "applied", "refused"),
    "outbox": ("new", "done", "parked"),
    "question": ("open", "parked"),
    "refund_watch": ("open", "parked"),
}
AFTER: Final = {
    "inbox": ("new", "deferred", "applied", "refused"),
    "outbox": ("new", "done", "dead"),
    "question": ("open", "dead"),
    "refund_watch": ("open", "dead"),
}
POLLS: Final = ("question", "refund_watch")


def upgrade() -> None:
    for table, states in AFTER.items():
        _rename_states(table, dict(zip(BEFORE[table], states, strict=True)))
    _due_index("deferred")
    _rename_task("mend_files", "regenerate_files")
    for table in POLLS:
        op.add_column(table, sa.Column("why", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for table in POLLS:
        op.drop_column(table, "why")
    _rename_task("regenerate_files", "mend_files")
    for table, states in BEFORE.items():
        _rename_states(table, dict(zip(AFTER[table], states, strict=True)))
    _due_index("parked")


def _rename_states(table: str, renamed: dict[str, str]) -> None:
    name = op.f(f"ck_{table}_state")
    op.drop_constraint(name, table, type_="check")
    rows = sa.table(table, sa.column("state", sa.String()))
    for old, new in renamed.items():
        if old != new:
            op.execute(rows.update().where(rows.c.state == old).values(state=new))
    allowed = ", ".join(f"'{state}'" for state in renamed.values())
    op.create_check_constraint(name, table, f"state IN ({allowed})")


def _rename_task(old: str, new: str) -> None:
    rows = sa.table("outbox", sa.column("errand", sa.String()))
    op.execute(rows.update().where(rows.c.errand == old).values(errand=new))


def _due_index(waiting: str) -> None:
    """Make anew the index of what is due in the inbox; the other queues' open state keeps its name."""
    op.drop_index("inbox_due", table_name="inbox")
    op.create_index(
        "inbox_due",
        "inbox",
        ["due_at"],
        postgresql_where=sa.text(f"state IN ('new', '{waiting}')"),
    )
