"""The tables of the business figures: counts by quarter of an hour, and what is still to be counted."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from adapters.postgres.engine.metadata import listed, metadata
from domain.monitoring.payment_outcome import PaymentOutcome

# A trigger of the audit log adds a row for each step of a payment's state; counting it deletes the row.
uncounted_step = Table(
    "uncounted_step",
    metadata,
    Column("audit_id", BigInteger, autoincrement=False, nullable=False),
    PrimaryKeyConstraint("audit_id", name="uncounted_step_pkey"),
    # Rows come and go all the time: dead ones are swept before they make the table long.
    postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "1000"},
)

payment_rollup = Table(
    "payment_rollup",
    metadata,
    Column("bucket", DateTimeUTC(timezone=True), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("method", String(40), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("payments", BigInteger, nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "outcome", "method", "reason", name="payment_rollup_pkey"),
    CheckConstraint(f"outcome IN ({listed(PaymentOutcome)})", name="outcome"),
    CheckConstraint("payments > 0", name="payments"),
)

payment_time_rollup = Table(
    "payment_time_rollup",
    metadata,
    Column("bucket", DateTimeUTC(timezone=True), nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("payments", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "step", name="payment_time_rollup_pkey"),
)

# Steps with audit ids above *after*, up to *until*, are from before the trigger and still to be counted.
rollup_backfill = Table(
    "rollup_backfill",
    metadata,
    Column("until", BigInteger, autoincrement=False, nullable=False),
    Column("after", BigInteger, nullable=False),
    PrimaryKeyConstraint("until", name="rollup_backfill_pkey"),
)
