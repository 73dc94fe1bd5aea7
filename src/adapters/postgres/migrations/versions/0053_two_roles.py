"""
The role that serves holds the ledger still while a period is closed, without a right to change it.

To lock the table against writers one needs a right to change its rows. The function has it, and does nothing else.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

HOLD_LEDGER = """
CREATE FUNCTION shulk_hold_ledger() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE;
END $$
"""


def upgrade() -> None:
    op.execute(HOLD_LEDGER)


def downgrade() -> None:
    op.execute("DROP FUNCTION shulk_hold_ledger()")
