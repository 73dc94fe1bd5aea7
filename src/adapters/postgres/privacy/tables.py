"""The table of payments under legal hold."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import Column, PrimaryKeyConstraint, String, Table

from adapters.postgres.engine.metadata import metadata

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("payment_id", String(20), nullable=False),
    Column("placed_at", DateTimeUTC(timezone=True), nullable=False),
    PrimaryKeyConstraint("payment_id", name="legal_hold_pkey"),
)
