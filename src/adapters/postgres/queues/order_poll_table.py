"""Where the questions to the bank wait for their time, beside the payments and outside their versions."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, text

from adapters.postgres.engine.tables import metadata

question = Table(
    "question",
    metadata,
    # The payment's own: there is one question about it at most.
    Column("id", String(20), primary_key=True),
    Column("student_id", String(100), nullable=False),
    Column("since", DateTimeUTC(timezone=True), nullable=False),
    Column("state", String(10), nullable=False, server_default="open"),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("generation", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('open', 'parked')", name="state"),
    Index("question_due", "due_at", postgresql_where=text("state = 'open'")),
)
