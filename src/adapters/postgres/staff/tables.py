"""The table of members of staff."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from adapters.postgres.engine.metadata import metadata

staff = Table(
    "staff",
    metadata,
    Column("id", String(255), nullable=False),
    Column("name", String(100), nullable=False),
    Column("email", String(254), nullable=False),
    Column("roles", ARRAY(String(20)), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("totp_seed", Text),
    Column("last_step", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("locked_until", DateTimeUTC(timezone=True)),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="staff_pkey"),
    CheckConstraint("cardinality(roles) > 0", name="roles"),
    CheckConstraint("attempts >= 0", name="attempts"),
    # Refuses a seed that is not encrypted: an encrypted one begins with its key's id and a colon.
    CheckConstraint("totp_seed ~ '^[A-Za-z0-9._-]{1,32}:.'", name="totp_seed"),
)
