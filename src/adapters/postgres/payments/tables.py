"""The tables of payments, of what they were decided on, of enrolments and of idempotency records."""

from typing import Final

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.postgres.engine.metadata import metadata

LIVE: Final = text("state IN ('pending', 'processing')")
_LIVE_AS_KEPT: Final = text(
    "state::text = ANY (ARRAY['pending'::character varying::text, 'processing'::character varying::text])"
)
"""``LIVE`` as PostgreSQL writes it since a column of its index became longer; it reads both alike."""

REVIEWED: Final = text("review_since IS NOT NULL")

REFUSED: Final = text("refused_refunds IS NOT NULL")

UNSOLD: Final = text("state IN ('failed', 'expired') AND gateway_order_id IS NOT NULL")

payment = Table(
    "payment",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("student_id", String(255), nullable=False),
    Column("student_name", String(100), nullable=False),
    Column("student_email", String(254), nullable=False),
    Column("student_phone", String(20), nullable=False),
    Column("language", String(2), nullable=False, server_default="en"),
    Column("course_id", String(64), nullable=False),
    Column("course_title", String(200), nullable=False),
    Column("list_price_paise", BigInteger, nullable=False),
    Column("discount_paise", BigInteger, nullable=False),
    Column("taxable_paise", BigInteger, nullable=False),
    Column("cgst_paise", BigInteger, nullable=False),
    Column("sgst_paise", BigInteger, nullable=False),
    Column("igst_paise", BigInteger, nullable=False),
    Column("payable_paise", BigInteger, nullable=False),
    Column("discount_code", String(32)),
    Column("redemption", String(20)),
    Column("second_tax", String(5)),
    Column("supply", String(20), nullable=False),
    Column("place_code", String(2), nullable=False),
    Column("price_mode", String(10), nullable=False),
    Column("sac", String(6), nullable=False),
    Column("gst_rate", Numeric(5, 2), nullable=False),
    Column("exempt", Boolean, nullable=False),
    Column("rounding_policy", String(40), nullable=False),
    Column("buyer_name", String(100), nullable=False),
    Column("buyer_state", String(2), nullable=False),
    Column("buyer_gstin", String(15)),
    Column("buyer_address", String(300)),
    Column("state", String(20), nullable=False),
    Column("opened_at", DateTimeUTC(timezone=True), nullable=False),
    Column("expires_at", DateTimeUTC(timezone=True), nullable=False),
    Column("closed_at", DateTimeUTC(timezone=True)),
    Column("gateway_order_id", String(100)),
    Column("payment_url", Text),
    # Whether the request for the session has ended without the bank's answer; NULL where it has not.
    Column("session_unanswered", Boolean),
    Column("failure", String(40)),
    # The gravest reason for a review, for processes of the release before; then each reason with the
    # instant since when it is open, the oldest instant, and what staff accepted.
    Column("attention", String(40)),
    Column("review", JSONB),
    Column("review_since", DateTimeUTC(timezone=True)),
    Column("review_accepted", ARRAY(String(40))),
    Column("captured_paise", BigInteger),
    # NULL in rows of the release before, which captured rupees only.
    Column("captured_currency", String(40)),
    Column("captured_at", DateTimeUTC(timezone=True)),
    # What the bank reported beside the amount of the order when it was charged.
    Column("effective_paise", BigInteger),
    Column("surcharge_paise", BigInteger),
    Column("offer_paise", BigInteger),
    Column("adjustment_unreadable", Boolean),
    Column("bank_txn_id", String(100)),
    Column("bank_reference", String(100)),
    Column("method", String(40)),
    Column("card_tail", String(4)),
    Column("card_brand", String(40)),
    Column("card_issuer", String(100)),
    # The sums of the refunds that succeeded, and of those in flight.
    Column("refunded_paise", BigInteger, nullable=False, server_default="0"),
    Column("refunding_paise", BigInteger, nullable=False, server_default="0"),
    # Refunds that the bank reports and that could not be applied.
    Column("refused_refunds", JSONB),
    # The disputes at the bank, and the earliest deadline of those that are open.
    Column("disputes", JSONB),
    Column("dispute_respond_by", DateTimeUTC(timezone=True)),
    # When the order was last read at the bank. No part of the aggregate: it changes no version.
    Column("asked_at", DateTimeUTC(timezone=True)),
    # Of a retry: the payment before it, the first payment and its time, and the retry's number.
    Column("retry_of", String(20)),
    Column("first_attempt", String(20)),
    Column("first_opened_at", DateTimeUTC(timezone=True)),
    Column("retry_number", Integer),
    Column("retry_counts", Boolean),
    Column("retried_as", String(20)),
    # What the platform calls the purchase, and the first payment that bore it, NULL for that one itself.
    Column("client_reference", String(100)),
    Column("client_reference_first", String(20)),
    # What the student agreed to: the version of the privacy notice, where it stood, and when; NULL where nothing
    # was told of it.
    Column("consent_version", String(64)),
    Column("consent_notice_url", Text),
    Column("consent_at", DateTimeUTC(timezone=True)),
    Column("version", Integer, nullable=False),
    CheckConstraint(
        "taxable_paise + cgst_paise + sgst_paise + igst_paise = payable_paise", name="parts"
    ),
    CheckConstraint("cgst_paise = sgst_paise", name="halves"),
    CheckConstraint(
        "state IN ('pending', 'processing', 'success', 'failed', 'expired',"
        " 'partially_refunded', 'refunded')",
        name="state",
    ),
    CheckConstraint(
        "state IN ('pending', 'processing', 'failed', 'expired')"
        # A comparison with NULL would pass a CHECK constraint, so NULL becomes -1.
        " OR payable_paise = 0 OR coalesce(captured_paise, -1) = payable_paise",
        name="sold_means_captured",
    ),
    CheckConstraint(
        "refunded_paise >= 0 AND refunding_paise >= 0"
        " AND refunded_paise + refunding_paise <= coalesce(captured_paise, 0)",
        name="refunds",
    ),
    CheckConstraint(
        "CASE state WHEN 'refunded' THEN refunded_paise = coalesce(captured_paise, -1)"
        " WHEN 'partially_refunded' THEN refunded_paise BETWEEN 1 AND coalesce(captured_paise, 0) - 1"
        " WHEN 'success' THEN refunded_paise = 0 ELSE true END",
        name="went_back",
    ),
    CheckConstraint("(review IS NULL) = (review_since IS NULL)", name="review"),
    CheckConstraint("card_tail ~ '^[0-9]{4}$'", name="card_tail"),
    CheckConstraint(
        "num_nulls(retry_of, first_attempt, first_opened_at, retry_number, retry_counts) IN (0, 5)"
        " AND coalesce(retry_number, 1) BETWEEN 1 AND 3",
        name="retry",
    ),
    Index(
        "payment_one_retry",
        "first_attempt",
        "retry_number",
        unique=True,
        postgresql_where=text("retry_counts"),
    ),
    Index(
        "payment_one_live", "student_id", "course_id", unique=True, postgresql_where=_LIVE_AS_KEPT
    ),
    Index("payment_opened", text("opened_at DESC"), text("id DESC")),
    Index("payment_email", text("lower(student_email)")),
    Index("payment_phone", "student_phone", postgresql_where=text("student_phone <> ''")),
    Index("payment_bank_txn", "bank_txn_id", postgresql_where=text("bank_txn_id IS NOT NULL")),
    Index(
        "payment_bank_reference",
        "bank_reference",
        postgresql_where=text("bank_reference IS NOT NULL"),
    ),
    Index(
        "payment_one_client_reference",
        "client_reference",
        unique=True,
        postgresql_where=text("client_reference IS NOT NULL AND client_reference_first IS NULL"),
    ),
    Index(
        "payment_client_reference",
        "client_reference",
        postgresql_where=text("client_reference IS NOT NULL"),
    ),
    Index("payment_history", "student_id", text("opened_at DESC"), text("id DESC")),
    Index(
        "payment_history_by_state", "student_id", "state", text("opened_at DESC"), text("id DESC")
    ),
    Index(
        "payment_disputed",
        "dispute_respond_by",
        "id",
        postgresql_where=text("dispute_respond_by IS NOT NULL"),
    ),
    Index("payment_refused", "id", postgresql_where=REFUSED),
    Index("payment_review", "review_since", "id", postgresql_where=REVIEWED),
    Index("payment_unsold_since", "closed_at", postgresql_where=UNSOLD),
    postgresql_with={"fillfactor": "85"},
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("payment_id", String(20), nullable=False),
    Column("student_id", String(255), nullable=False),
    Column("course_id", String(64), nullable=False),
    Column("since", DateTimeUTC(timezone=True), nullable=False),
    Column("until", DateTimeUTC(timezone=True)),
    PrimaryKeyConstraint("payment_id", name="enrolment_pkey"),
    Index(
        "enrolment_one_active",
        "student_id",
        "course_id",
        unique=True,
        postgresql_where=text("until IS NULL"),
    ),
    # In the order in which they began or ended last.
    Index("enrolment_changed", text('coalesce("until", since)'), "payment_id"),
    Index("enrolment_of_student", "student_id", text('coalesce("until", since)'), "payment_id"),
    Index("enrolment_of_course", "course_id", text('coalesce("until", since)'), "payment_id"),
)

decision_basis = Table(
    "decision_basis",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("payment_id", String(20), nullable=False),
    # The version that the payment got by the change.
    Column("version", Integer, nullable=False),
    Column("at", DateTimeUTC(timezone=True), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("told", JSONB, nullable=False),
    # Not unique: nothing may keep a payment from being written. Two of one version are found when it is rebuilt.
    Index("decision_basis_of_payment", "payment_id", "version"),
    Index("decision_basis_at", "at"),
)

rebuild_difference = Table(
    "rebuild_difference",
    metadata,
    Column("payment_id", String(20), nullable=False),
    Column("found_at", DateTimeUTC(timezone=True), nullable=False),
    Column("differences", JSONB, nullable=False),
    PrimaryKeyConstraint("payment_id", name="rebuild_difference_pkey"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("student_id", String(255), nullable=False),
    Column("route", String(60), nullable=False),
    Column("key", String(255), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("payment_id", String(20), nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("locked_until", DateTimeUTC(timezone=True), nullable=False),
    Column("created_at", DateTimeUTC(timezone=True), nullable=False),
    PrimaryKeyConstraint("student_id", "route", "key", name="idempotency_pkey"),
    Index("idempotency_claimed", "locked_until"),
)
