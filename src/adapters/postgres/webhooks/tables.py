"""The endpoints of the platform that are told what happens."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from adapters.postgres.engine.metadata import metadata

ENCRYPTED = "~ '^[A-Za-z0-9._-]{1,32}:.'"

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("id", String(20), nullable=False),
    Column("url", String(500), nullable=False),
    Column("description", String(100), nullable=False),
    # Empty: all types.
    Column("event_types", ARRAY(String(40)), nullable=False),
    Column("payload", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    Column("previous_until", DateTimeUTC(timezone=True)),
    Column("added_at", DateTimeUTC(timezone=True), nullable=False),
    Column("failing_since", DateTimeUTC(timezone=True)),
    Column("paused_until", DateTimeUTC(timezone=True)),
    Column("disabled_at", DateTimeUTC(timezone=True)),
    Column("why", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="webhook_endpoint_pkey"),
    CheckConstraint("state IN ('enabled', 'disabled')", name="state"),
    CheckConstraint("(state = 'disabled') = (disabled_at IS NOT NULL)", name="disabled"),
    # Refuses a secret that is not encrypted: an encrypted one begins with its key's id and a colon.
    CheckConstraint(f"secret {ENCRYPTED}", name="secret"),
    CheckConstraint(f"previous_secret {ENCRYPTED}", name="previous_secret"),
    CheckConstraint("previous_secret IS NULL OR previous_until IS NOT NULL", name="previous_until"),
)
