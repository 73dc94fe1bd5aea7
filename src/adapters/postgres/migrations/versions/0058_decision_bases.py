"""
What each change of a payment was decided on is kept, so that the payment can be rebuilt and compared.

A process of the release before keeps none: a payment that it begins is not rebuilt, and the version that it writes of
another lacks its basis. Of payments that were begun on the first day nobody is blamed for that.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

ONLY_ADDED = """
CREATE TRIGGER decision_basis_append_only BEFORE UPDATE OR DELETE ON decision_basis FOR EACH ROW
EXECUTE FUNCTION shulk_refuse('what a payment was decided on is only ever added to')
"""


def upgrade() -> None:
    op.create_table(
        "decision_basis",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_basis")),
    )
    op.execute(ONLY_ADDED)
    op.create_index("decision_basis_of_payment", "decision_basis", ["payment_id", "version"])
    op.create_index("decision_basis_at", "decision_basis", ["at"])
    op.create_table(
        "rebuild_difference",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("payment_id", name="rebuild_difference_pkey"),
    )


def downgrade() -> None:
    op.drop_table("rebuild_difference")
    op.drop_table("decision_basis")
