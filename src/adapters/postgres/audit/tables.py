"""The tables of the audit log and of its seal: rows are added and never changed."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
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
    # Which transaction wrote it, so that no entry is sealed before one that comes later to light.
    Column("tx", BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")),
    Index("audit_log_subject", "subject", "id"),
    Index("audit_log_sealing", "tx", "id", postgresql_where=text("audit_log.tx IS NOT NULL")),
)
audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("leaf_index", BigInteger, autoincrement=False, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("leaf_sha256", LargeBinary, nullable=False),
    Column("origin_sha256", LargeBinary, nullable=False),
    PrimaryKeyConstraint("leaf_index", name="audit_leaf_pkey"),
    UniqueConstraint("audit_id", name="audit_leaf_entry_once"),
    CheckConstraint("octet_length(leaf_sha256) = 32", name="leaf"),
    CheckConstraint("octet_length(origin_sha256) = 32", name="origin"),
)
audit_origin = Table(
    "audit_origin",
    metadata,
    Column("audit_id", BigInteger, autoincrement=False, nullable=False),
    # Deleted when the address is erased: the digest that was sealed says nothing then.
    Column("salt", LargeBinary, nullable=False),
    PrimaryKeyConstraint("audit_id", name="audit_origin_pkey"),
    CheckConstraint("octet_length(salt) = 16", name="salt"),
)
audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, autoincrement=False, nullable=False),
    Column("subtrees", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("sealed_at", DateTimeUTC(timezone=True), nullable=False),
    Column("tx", BigInteger),
    Column("entry", BigInteger, nullable=False),
    Column("moved", BigInteger, nullable=False),
    PrimaryKeyConstraint("size", name="audit_checkpoint_pkey"),
)
archived_month = Table(
    "archived_month",
    metadata,
    Column("month", Date, nullable=False),
    Column("first_leaf", BigInteger, nullable=False),
    Column("stop_leaf", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("exported_at", DateTimeUTC(timezone=True), nullable=False),
    # Written by a trigger, so that whoever serves cannot date it back.
    Column("verified_at", DateTimeUTC(timezone=True)),
    Column("dropped_at", DateTimeUTC(timezone=True)),
    Column("ended_at", DateTimeUTC(timezone=True)),
    Column("deleted_at", DateTimeUTC(timezone=True)),
    PrimaryKeyConstraint("month", name="archived_month_pkey"),
    UniqueConstraint("first_leaf", name="archived_month_first_leaf_once"),
    CheckConstraint(
        "state IN ('open', 'exported', 'verified', 'dropped', 'deleting', 'deleted')", name="state"
    ),
    CheckConstraint("first_leaf < stop_leaf", name="leaves"),
    CheckConstraint("EXTRACT(day FROM month) = 1", name="first_day"),
)
restored_line = Table(
    "restored_line",
    metadata,
    Column("leaf_index", BigInteger, autoincrement=False, nullable=False),
    Column("month", Date, nullable=False),
    Column("line", JSONB, nullable=False),
    PrimaryKeyConstraint("leaf_index", name="restored_line_pkey"),
    Index("restored_line_month", "month"),
)
# Months of rows beside the audit log that are a record.
archived_records = Table(
    "archived_records",
    metadata,
    Column("kind", String(20), nullable=False),
    Column("month", Date, nullable=False),
    Column("state", String(10), nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("exported_at", DateTimeUTC(timezone=True), nullable=False),
    # Written by a trigger, as above.
    Column("verified_at", DateTimeUTC(timezone=True)),
    Column("dropped_at", DateTimeUTC(timezone=True)),
    Column("ended_at", DateTimeUTC(timezone=True)),
    Column("deleted_at", DateTimeUTC(timezone=True)),
    PrimaryKeyConstraint("kind", "month", name="archived_records_pkey"),
    CheckConstraint("kind IN ('inbox', 'outbox', 'decision_basis')", name="kind"),
    CheckConstraint(
        "state IN ('open', 'exported', 'verified', 'dropped', 'deleting', 'deleted')", name="state"
    ),
    CheckConstraint("EXTRACT(day FROM month) = 1", name="first_day"),
)
# Which files hold rows about a payment.
archived_payment = Table(
    "archived_payment",
    metadata,
    Column("payment_id", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("month", Date, nullable=False),
    PrimaryKeyConstraint("payment_id", "kind", "month", name="archived_payment_pkey"),
)
restored_record = Table(
    "restored_record",
    metadata,
    Column("kind", String(20), nullable=False),
    Column("number", BigInteger, autoincrement=False, nullable=False),
    Column("month", Date, nullable=False),
    Column("line", JSONB, nullable=False),
    PrimaryKeyConstraint("kind", "number", name="restored_record_pkey"),
)
