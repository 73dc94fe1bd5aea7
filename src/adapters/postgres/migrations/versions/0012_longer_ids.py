"""
The ids of students and staff are what the platform's tokens call them: up to 255 characters.

A longer VARCHAR rewrites no table and no index. Names of actors are such an id behind a word.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LONGER: Final = (
    ("discount_use", "student_id", 100, 255),
    ("enrolment", "student_id", 100, 255),
    ("idempotency", "student_id", 100, 255),
    ("payment", "student_id", 100, 255),
    ("question", "student_id", 100, 255),
    ("staff", "id", 64, 255),
    ("audit_log", "actor", 120, 300),
    ("audit_log", "subject", 120, 300),
    ("refund", "asked_by", 120, 300),
    ("refund", "decided_by", 120, 300),
)


def upgrade() -> None:
    for table, column, before, after in LONGER:
        op.alter_column(
            table,
            column,
            type_=sa.String(length=after),
            existing_type=sa.String(length=before),
            existing_nullable=False,
        )


def downgrade() -> None:
    op.drop_index("payment_one_live", table_name="payment")
    for table, column, before, after in LONGER:
        op.alter_column(
            table,
            column,
            type_=sa.String(length=before),
            existing_type=sa.String(length=after),
            existing_nullable=False,
        )
    # Made anew: PostgreSQL writes its condition in another way once a column of it has changed.
    op.create_index(
        "payment_one_live",
        "payment",
        ["student_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
