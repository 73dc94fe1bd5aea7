"""The table of the audit log: rows are added and never changed."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    String,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.engine.metadata import metadata

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTimeUTC(timezone=True), nullable=False),
    Column("actor", String(300), nullable=False),
    Column("source", String(20), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("from_state", String(20)),
    Column("to_state", String(20)),
    Column("ip", String(45), nullable=False),
    Column("user_agent", String(300), nullable=False),
    Column("correlation_id", String(64), nullable=False),
    Column("facts", JSONB, nullable=False),
    Index("audit_log_subject", "subject", "id"),
)
