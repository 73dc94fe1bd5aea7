"""What the sources of settlement files said of each day, and the balance behind a statement's new entries."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bank_statement", sa.Column("ends_paise", sa.BigInteger(), nullable=True))
    op.create_table(
        "report_answer",
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('upload', 'command', 'report', 'folder')",
            name=op.f("ck_report_answer_origin"),
        ),
        sa.CheckConstraint(
            "answer IN ('ready', 'not_ready', 'nothing_settled', 'away')",
            name=op.f("ck_report_answer_answer"),
        ),
        sa.PrimaryKeyConstraint("mid", "day", "origin", name="report_answer_pkey"),
    )
    op.create_index("report_answer_by_day", "report_answer", ["day"])


def downgrade() -> None:
    op.drop_table("report_answer")
    op.drop_column("bank_statement", "ends_paise")
