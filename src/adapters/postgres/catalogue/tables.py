"""The tables of what is sold: courses, discount codes, and how often each was used."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
)

from adapters.postgres.engine.metadata import metadata

course = Table(
    "course",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("list_price_paise", BigInteger, nullable=False),
    Column("price_mode", String(10), nullable=False),
    Column("sac", String(6), nullable=False),
    Column("gst_rate", Numeric(5, 2), nullable=False),
    Column("delivery", String(10), nullable=False),
    Column("venue_state", String(2)),
    Column("exempt", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    CheckConstraint("list_price_paise >= 0", name="price"),
    CheckConstraint("gst_rate BETWEEN 0 AND 100", name="rate"),
)

discount = Table(
    "discount",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("percent", Numeric(5, 2)),
    Column("cap_paise", BigInteger),
    Column("amount_paise", BigInteger),
    Column("min_order_paise", BigInteger),
    Column("valid_from", DateTimeUTC(timezone=True)),
    Column("valid_to", DateTimeUTC(timezone=True)),
    Column("total_limit", Integer),
    Column("per_student_limit", Integer),
    Column("courses", ARRAY(String(64))),
    Column("active", Boolean, nullable=False),
    # Reserved and committed slots together. Only a slot that is honoured late may exceed the limit.
    Column("used", Integer, nullable=False, server_default="0"),
    CheckConstraint("used >= 0", name="used"),
)

discount_use = Table(
    "discount_use",
    metadata,
    Column("code", String(32), nullable=False),
    Column("student_id", String(255), nullable=False),
    Column("used", Integer, nullable=False),
    PrimaryKeyConstraint("code", "student_id", name="discount_use_pkey"),
    CheckConstraint("used >= 0", name="used"),
)
