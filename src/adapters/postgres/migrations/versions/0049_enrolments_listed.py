"""
Enrolments are listed in the order in which they began or ended: all, those of a student, those of a course.

A process of the release before reads and writes the table as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

CHANGED = sa.text('coalesce("until", since)')


def upgrade() -> None:
    op.create_index("enrolment_changed", "enrolment", [CHANGED, "payment_id"])
    op.create_index("enrolment_of_student", "enrolment", ["student_id", CHANGED, "payment_id"])
    op.create_index("enrolment_of_course", "enrolment", ["course_id", CHANGED, "payment_id"])


def downgrade() -> None:
    for each in ("enrolment_of_course", "enrolment_of_student", "enrolment_changed"):
        op.drop_index(each, "enrolment")
