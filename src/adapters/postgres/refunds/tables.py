"""The table of refunds, which are children of their payment."""

from typing import Final

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    text,
)

from adapters.postgres.engine.metadata import metadata

OURS: Final = text("NOT outside")

KEYED: Final = text("request_key IS NOT NULL")

DECIDED: Final = text("decided_at IS NOT NULL")

OPEN: Final = text("refund.state IN ('awaiting_approval', 'requested', 'pending', 'manual_review')")
"""The condition for a refund in flight, spelt alike in the index and in queries that use the index."""

ENDED: Final = text("refund.state IN ('success', 'failed', 'rejected', 'withdrawn')")
"""The condition for a refund at its end, spelt alike as well."""

refund = Table(
    "refund",
    metadata,
    Column("payment_id", String(20), nullable=False),
    # The ``unique_request_id``: given by us, or by the bank for a refund made outside.
    Column("id", String(40), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked_by", String(300), nullable=False),
    Column("asked_at", DateTimeUTC(timezone=True), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("revokes", Boolean, nullable=False),
    Column("outside", Boolean, nullable=False),
    Column("request_key", String(255)),
    Column("request_sha256", String(64)),
    Column("decided_by", String(300), nullable=False),
    Column("decided_at", DateTimeUTC(timezone=True)),
    Column("accepted_at", DateTimeUTC(timezone=True)),
    Column("closed_at", DateTimeUTC(timezone=True)),
    Column("bank_reference", String(100), nullable=False),
    Column("arn", String(100), nullable=False),
    Column("error", String(100), nullable=False),
    PrimaryKeyConstraint("payment_id", "id", name="refund_pkey"),
    ForeignKeyConstraint(["payment_id"], ["payment.id"], name="refund_payment"),
    CheckConstraint("amount_paise > 0", name="amount"),
    CheckConstraint(
        "state IN ('awaiting_approval', 'requested', 'pending', 'manual_review', 'success',"
        " 'failed', 'rejected', 'withdrawn')",
        name="state",
    ),
    CheckConstraint("(request_key IS NULL) = (request_sha256 IS NULL)", name="key"),
    # A second person decides; only a withdrawal is by the member of staff who requested the refund.
    CheckConstraint("decided_by <> asked_by OR state = 'withdrawn'", name="second_person"),
    Index("refund_open", "asked_at", "payment_id", "id", postgresql_where=OPEN),
    Index("refund_ended", "asked_at", "payment_id", "id", postgresql_where=ENDED),
    Index("refund_arn", "arn", postgresql_where=text("arn <> ''")),
    Index("refund_bank_reference", "bank_reference", postgresql_where=text("bank_reference <> ''")),
    Index("refund_once", "id", unique=True, postgresql_where=OURS),
    # What one person requested and decided lately, counted where Redis is away.
    Index("refund_requested_by", "asked_by", "asked_at", postgresql_where=OURS),
    Index("refund_decided_by", "decided_by", "decided_at", postgresql_where=DECIDED),
    Index("refund_key_once", "asked_by", "request_key", unique=True, postgresql_where=KEYED),
)
