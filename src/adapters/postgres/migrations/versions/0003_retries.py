"""Payments that try an earlier one again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "retry_of": sa.String(length=20),
    "first_attempt": sa.String(length=20),
    "first_opened_at": sa.DateTime(timezone=True),
    "retry_number": sa.Integer(),
    "retry_counts": sa.Boolean(),
    "retried_as": sa.String(length=20),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("payment", sa.Column(name, kind))
    op.create_check_constraint(
        op.f("ck_payment_retry"),
        "payment",
        "num_nulls(retry_of, first_attempt, first_opened_at, retry_number, retry_counts) IN (0, 5)"
        " AND coalesce(retry_number, 1) BETWEEN 1 AND 3",
    )
    op.create_index(
        "payment_one_retry",
        "payment",
        ["first_attempt", "retry_number"],
        unique=True,
        postgresql_where=sa.text("retry_counts"),
    )


def downgrade() -> None:
    op.drop_index("payment_one_retry", table_name="payment")
    op.drop_constraint(op.f("ck_payment_retry"), "payment", type_="check")
    for name in COLUMNS:
        op.drop_column("payment", name)
