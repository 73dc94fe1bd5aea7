"""The tables of the five work queues, of what periodic jobs keep, and of who may serve."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.engine.metadata import metadata

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("event_id", String(100), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("event_name", String(100), nullable=False),
    Column("order_id", String(100), nullable=False),
    Column("status", String(40), nullable=False),
    Column("status_id", Integer),
    Column("only_sale", Boolean, nullable=False),
    Column("received_at", DateTimeUTC(timezone=True), nullable=False),
    Column("copies", Integer, nullable=False, server_default="1"),
    Column("state", String(10), nullable=False),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("closed_at", DateTimeUTC(timezone=True)),
    Column("why", String(200)),
    # When a person dismissed what was refused; what is empty waits for one.
    Column("dismissed_at", DateTimeUTC(timezone=True)),
    CheckConstraint("state IN ('new', 'deferred', 'applied', 'refused')", name="state"),
    UniqueConstraint("event_id", "body_sha256", name="inbox_once"),
    Index("inbox_of_order", "order_id"),
    Index("inbox_due", "due_at", postgresql_where=text("state IN ('new', 'deferred')")),
    Index(
        "inbox_refused",
        "closed_at",
        "id",
        postgresql_where=text("state = 'refused' AND dismissed_at IS NULL"),
    ),
    # What is archived by the month.
    Index(
        "inbox_finished",
        "closed_at",
        "id",
        postgresql_where=text(
            "state = 'applied' OR (state = 'refused' AND dismissed_at IS NOT NULL)"
        ),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("errand", String(40), nullable=False),
    Column("payment_id", String(20), nullable=False),
    # What the task is about: the id of the payment or of one of its refunds, or a document number.
    Column("subject", String(40), nullable=False),
    Column("written_at", DateTimeUTC(timezone=True), nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("closed_at", DateTimeUTC(timezone=True)),
    Column("why", String(200)),
    # Of an email that the mail server took.
    Column("text_sha256", String(64)),
    CheckConstraint("state IN ('new', 'done', 'dead')", name="state"),
    UniqueConstraint("errand", "payment_id", "subject", name="outbox_once"),
    Index("outbox_due", "due_at", postgresql_where=text("state = 'new'")),
    Index("outbox_dead", "closed_at", "id", postgresql_where=text("state = 'dead'")),
    # What is archived by the month.
    Index(
        "outbox_finished",
        "closed_at",
        "id",
        postgresql_where=text("state = 'done' AND why IS NULL"),
    ),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    # No foreign key: each would lock the endpoint's row in the transaction of a payment.
    Column("endpoint_id", String(20), nullable=False),
    Column("event_id", String(40), nullable=False),
    Column("event_type", String(40), nullable=False),
    Column("payment_id", String(20), nullable=False),
    # What it is about: a payment, a refund, a dispute, or the count of a document.
    Column("subject", String(100), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("occurred_at", DateTimeUTC(timezone=True), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("took_ms", Integer),
    Column("closed_at", DateTimeUTC(timezone=True)),
    Column("why", String(200)),
    CheckConstraint("state IN ('new', 'done', 'dead')", name="state"),
    UniqueConstraint("endpoint_id", "event_id", name="webhook_delivery_once"),
    Index("webhook_delivery_due", "endpoint_id", "due_at", postgresql_where=text("state = 'new'")),
    Index("webhook_delivery_log", "endpoint_id", "id"),
    Index("webhook_delivery_age", "occurred_at"),
    Index("webhook_delivery_of_payment", "payment_id"),
)

order_poll = Table(
    "question",
    metadata,
    # The id of the payment: each payment has at most one poll.
    Column("id", String(20), primary_key=True),
    Column("student_id", String(255), nullable=False),
    Column("since", DateTimeUTC(timezone=True), nullable=False),
    Column("state", String(10), nullable=False, server_default="open"),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("generation", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("why", String(200)),
    CheckConstraint("state IN ('open', 'dead')", name="state"),
    Index("question_due", "due_at", postgresql_where=text("state = 'open'")),
)

refund_poll = Table(
    "refund_watch",
    metadata,
    Column("payment_id", String(20), nullable=False),
    Column("refund_id", String(40), nullable=False),
    Column("watched_since", DateTimeUTC(timezone=True), nullable=False),
    Column("state", String(10), nullable=False, server_default="open"),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("why", String(200)),
    PrimaryKeyConstraint("payment_id", "refund_id", name="refund_watch_pkey"),
    CheckConstraint("state IN ('open', 'dead')", name="state"),
    Index("refund_watch_due", "due_at", postgresql_where=text("state = 'open'")),
)

job_run = Table(
    "job_run",
    metadata,
    Column("job", String(60), nullable=False),
    Column("slot", DateTimeUTC(timezone=True), nullable=False),
    PrimaryKeyConstraint("job", "slot", name="job_run_pkey"),
)

job_state = Table(
    "job_state",
    metadata,
    Column("job", String(60), nullable=False),
    Column("trigger", String(10)),
    Column("started_by", String(300)),
    Column("began_at", DateTimeUTC(timezone=True)),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("ended_at", DateTimeUTC(timezone=True)),
    Column("result", String(10)),
    Column("handled", Integer, nullable=False, server_default="0"),
    Column("why", String(200), nullable=False, server_default=""),
    Column("generation", BigInteger, nullable=False, server_default="0"),
    Column("asked_at", DateTimeUTC(timezone=True)),
    Column("asked_by", String(300), nullable=False, server_default=""),
    PrimaryKeyConstraint("job", name="job_state_pkey"),
    CheckConstraint("result IN ('done', 'failed', 'lost')", name="result"),
    CheckConstraint("(began_at IS NULL) = (trigger IS NULL)", name="begun"),
    CheckConstraint(
        "began_at IS NULL OR ended_at IS NOT NULL OR lease_until IS NOT NULL", name="leased"
    ),
)

# Runs that persons asked for, or that were not done; of each job the latest, for a limited time.
job_history = Table(
    "job_history",
    metadata,
    Column("job", String(60), nullable=False),
    Column("began_at", DateTimeUTC(timezone=True), nullable=False),
    Column("trigger", String(10), nullable=False),
    Column("started_by", String(300), nullable=False),
    Column("ended_at", DateTimeUTC(timezone=True), nullable=False),
    Column("result", String(10), nullable=False),
    Column("handled", Integer, nullable=False),
    Column("why", String(200), nullable=False),
    PrimaryKeyConstraint("job", "began_at", name="job_history_pkey"),
)

schema_serving = Table(
    "schema_serving",
    metadata,
    # A release may serve when the newest migration that it knows is not older than this one.
    Column("oldest", String(32), nullable=False),
    Column("newest", String(32), nullable=False),
    PrimaryKeyConstraint("newest", name="schema_serving_pkey"),
)

invariant_watch = Table(
    "invariant_watch",
    metadata,
    Column("name", String(60), nullable=False),
    # The watermark of each table that grows, by its name.
    Column("watermarks", JSONB, nullable=False),
    # The keys of what was broken or not finished.
    Column("followed", ARRAY(Text), nullable=False),
    Column("checked_in_full_at", DateTimeUTC(timezone=True)),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("name", name="invariant_watch_pkey"),
)
