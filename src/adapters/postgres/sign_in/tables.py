"""Browser sessions, and the keys of the platform's back ends."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
)

from adapters.postgres.engine.metadata import metadata

DIGEST = "~ '^[0-9a-f]{64}$'"

browser_session = Table(
    "browser_session",
    metadata,
    Column("id", String(32), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("name", String(100), nullable=False),
    Column("email", String(254), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("roles", ARRAY(String(20)), nullable=False),
    Column("began_at", DateTimeUTC(timezone=True), nullable=False),
    Column("seen_at", DateTimeUTC(timezone=True), nullable=False),
    Column("ends_at", DateTimeUTC(timezone=True), nullable=False),
    Column("idle_seconds", Integer, nullable=False),
    Column("ended_at", DateTimeUTC(timezone=True)),
    Column("token_sha256", String(64)),
    Column("browser", String(300), nullable=False),
    Column("ip", String(45), nullable=False),
    # When a member of staff proved by a TOTP that it is they; processes of the release before never do.
    Column("confirmed_at", DateTimeUTC(timezone=True)),
    PrimaryKeyConstraint("id", name="browser_session_pkey"),
    Index("browser_session_token_once", "token_sha256", unique=True),
    Index("browser_session_subject", "subject", "began_at"),
    Index("browser_session_ends", "ends_at"),
)

server_key = Table(
    "server_key",
    metadata,
    Column("id", String(20), nullable=False),
    Column("name", String(100), nullable=False),
    Column("scopes", ARRAY(String(40)), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("previous_sha256", String(64)),
    Column("previous_until", DateTimeUTC(timezone=True)),
    Column("added_at", DateTimeUTC(timezone=True), nullable=False),
    Column("expires_at", DateTimeUTC(timezone=True)),
    Column("revoked_at", DateTimeUTC(timezone=True)),
    Column("last_used_at", DateTimeUTC(timezone=True)),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="server_key_pkey"),
    # Refuses a secret that is not a digest.
    CheckConstraint(f"secret_sha256 {DIGEST}", name="secret_sha256"),
    CheckConstraint(f"previous_sha256 {DIGEST}", name="previous_sha256"),
    CheckConstraint("(previous_sha256 IS NULL) = (previous_until IS NULL)", name="previous_until"),
    CheckConstraint("cardinality(scopes) > 0", name="scopes"),
)
