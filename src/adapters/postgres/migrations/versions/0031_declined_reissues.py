"""
A re-issue that waits may be declined by a person.

A process of the release before knows no such state. It reads such a report only where finance lists the
file, and no run of it: there it fails until that process is replaced.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = "'live', 'held', 'waiting', 'repeated', 'superseded'"


def upgrade() -> None:
    _allow(BEFORE.replace("'waiting', ", "'waiting', 'declined', "))


def downgrade() -> None:
    op.execute("UPDATE settlement SET state = 'waiting' WHERE state = 'declined'")
    _allow(BEFORE)


def _allow(states: str) -> None:
    op.drop_constraint(op.f("ck_settlement_state"), "settlement", type_="check")
    op.create_check_constraint(op.f("ck_settlement_state"), "settlement", f"state IN ({states})")
