"""The table of browser sessions."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import ARRAY, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from adapters.postgres.engine.metadata import metadata

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
