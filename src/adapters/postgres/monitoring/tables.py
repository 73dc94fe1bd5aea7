"""The tables of the monitoring: counts by quarter of an hour, what is still to be counted, and alerts."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from adapters.postgres.engine.metadata import listed, metadata
from domain.monitoring.alert_case import AlertState
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

alert_case = Table(
    "alert_case",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("state", String(20), nullable=False),
    Column("since", DateTimeUTC(timezone=True), nullable=False),
    Column("beyond", Integer, nullable=False),
    Column("within", Integer, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("sample", BigInteger, nullable=False),
    Column("detail", String(400), nullable=False),
    Column("changes", Integer, nullable=False),
    Column("acknowledged_by", String(300), nullable=False),
    Column("note", String(200), nullable=False),
    Column("silenced_until", DateTimeUTC(timezone=True)),
    Column("silenced_by", String(300), nullable=False),
    Column("silence_reason", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("rule", "subject", name="alert_case_once"),
    CheckConstraint(f"state IN ({listed(AlertState)})", name="state"),
    CheckConstraint("state <> 'acknowledged' OR acknowledged_by <> ''", name="acknowledged"),
    CheckConstraint("silenced_until IS NULL OR silence_reason <> ''", name="silenced"),
)

# What use cases raised, by the kind of the alert and what it is about.
raised_alert = Table(
    "raised_alert",
    metadata,
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("last_at", DateTimeUTC(timezone=True), nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "subject", name="raised_alert_pkey"),
)

gateway_call_rollup = Table(
    "gateway_call_rollup",
    metadata,
    Column("bucket", DateTimeUTC(timezone=True), nullable=False),
    Column("operation", String(20), nullable=False),
    Column("result", String(20), nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    PrimaryKeyConstraint("bucket", "operation", "result", "step", name="gateway_call_rollup_pkey"),
)
