"""The tables of what the bank reports: settlement files with their lines, and statements with their entries."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.engine.metadata import listed, metadata
from domain.reconciliation.payout import CreditOutcome, PayoutOutcome
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_line import Direction, LineState, LineType
from domain.settlements.settlement_report import FileOrigin, ReportAnswer, ReportState

settlement_file = Table(
    "settlement_file",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    # The file's bytes stand in the file store under this hash.
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("origin", String(10), nullable=False),
    # The business date (India) that it was fetched for, and what a person named where it was given.
    Column("day", Date),
    Column("wanted_preset", Text),
    Column("wanted_mid", Text),
    Column("received_at", DateTimeUTC(timezone=True), nullable=False),
    Column("received_by", Text, nullable=False),
    Column("state", String(10), nullable=False),
    # Each claim of a worker counts; only the last one may end the import.
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("read_at", DateTimeUTC(timezone=True)),
    Column("format", JSONB),
    Column("line_count", Integer, nullable=False, server_default="0"),
    Column("rejected_count", Integer, nullable=False, server_default="0"),
    Column("skipped_count", Integer, nullable=False, server_default="0"),
    Column("warnings", JSONB, nullable=False, server_default="{}"),
    Column("declared", JSONB, nullable=False, server_default="[]"),
    Column("held_for", ARRAY(String(20)), nullable=False, server_default="{}"),
    Column("refusal", JSONB),
    Column("released_at", DateTimeUTC(timezone=True)),
    Column("released_by", Text),
    Column("released_why", Text),
    CheckConstraint(f"origin IN ({listed(FileOrigin)})", name="origin"),
    CheckConstraint(f"state IN ({listed(SettlementFileState)})", name="state"),
    CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refusal"),
    CheckConstraint("(state = 'reading') = (lease_until IS NOT NULL)", name="lease"),
    UniqueConstraint("sha256", name="settlement_file_once"),
    Index(
        "settlement_file_unfinished",
        "state",
        "id",
        postgresql_where=text("state IN ('received', 'reading', 'held')"),
    ),
)

rejected_row = Table(
    "rejected_row",
    metadata,
    Column("file_id", BigInteger, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("reason", String(20), nullable=False),
    # Card numbers are masked before it is written.
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("file_id", "line_no", name="rejected_row_pkey"),
)

# What one file says of one settlement. A supplement, and a re-issue, is a row of its own.
settlement = Table(
    "settlement",
    metadata,
    Column("file_id", BigInteger, nullable=False),
    # The bank's id, or MID and day.
    Column("settlement", Text, nullable=False),
    Column("settlement_id", Text),
    Column("mid", Text, nullable=False),
    Column("settled_on", Date, nullable=False),
    Column("utr", Text),
    Column("state", String(10), nullable=False),
    # None of the first file: supplement, reissue or no_new_events.
    Column("reported", String(13)),
    # As the file's lines add up, duplicates included.
    Column("lines", Integer, nullable=False),
    Column("credits_paise", BigInteger, nullable=False),
    Column("debits_paise", BigInteger, nullable=False),
    Column("fee_paise", BigInteger, nullable=False),
    Column("cgst_paise", BigInteger, nullable=False),
    Column("sgst_paise", BigInteger, nullable=False),
    Column("igst_paise", BigInteger, nullable=False),
    Column("utgst_paise", BigInteger, nullable=False),
    Column("reported_net_paise", BigInteger, nullable=False),
    # Of the lines that are live.
    Column("live_lines", Integer, nullable=False),
    Column("net_paise", BigInteger, nullable=False),
    Column("sales_days", ARRAY(Date), nullable=False),
    Column("imported_at", DateTimeUTC(timezone=True), nullable=False),
    # The sequence of its journal, and when that was posted and reversed.
    Column("journal", Integer),
    Column("posted_at", DateTimeUTC(timezone=True)),
    Column("reversed_at", DateTimeUTC(timezone=True)),
    Column("payout", String(10)),
    PrimaryKeyConstraint("file_id", "settlement", name="settlement_pkey"),
    CheckConstraint(f"state IN ({listed(ReportState)})", name="state"),
    CheckConstraint(f"payout IN ({listed(PayoutOutcome)})", name="payout"),
    CheckConstraint("journal > 0", name="journal"),
    CheckConstraint("(journal IS NULL) = (posted_at IS NULL)", name="posted"),
    CheckConstraint("reversed_at IS NULL OR posted_at IS NOT NULL", name="reversed"),
    Index("settlement_by_key", "settlement"),
    Index(
        "settlement_unposted",
        "settled_on",
        postgresql_where=text("posted_at IS NULL AND state IN ('live', 'held', 'waiting')"),
    ),
    Index(
        "settlement_unreversed",
        "settled_on",
        postgresql_where=text(
            "state = 'superseded' AND posted_at IS NOT NULL AND reversed_at IS NULL"
        ),
    ),
    Index(
        "settlement_uncredited",
        "settled_on",
        postgresql_where=text(
            "state = 'live' AND posted_at IS NOT NULL AND (payout IS NULL OR payout <> 'credited')"
        ),
    ),
)

# A large file is copied in. Rows are added in the order of the payments, so that no index is filled at random.
settlement_line = Table(
    "settlement_line",
    metadata,
    Column("file_id", BigInteger, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("settlement", Text, nullable=False),
    Column("state", String(10), nullable=False),
    # Why it is a duplicate. One that is held in a report that is not tells of a live event with other amounts.
    Column("cause", String(16)),
    Column("line_key", LargeBinary, nullable=False),
    Column("event_key", LargeBinary, nullable=False),
    Column("line_type", String(20), nullable=False),
    Column("direction", String(2), nullable=False),
    Column("mid", Text, nullable=False),
    Column("tid", Text),
    Column("payment_id", Text),
    Column("attempt", SmallInteger),
    Column("refund_id", Text),
    Column("bank_txn_id", Text),
    Column("rrn", Text),
    Column("arn", Text),
    Column("auth_code", Text),
    Column("utr", Text),
    Column("settlement_id", Text),
    Column("method", Text),
    Column("gross_paise", BigInteger, nullable=False),
    Column("fee_paise", BigInteger, nullable=False),
    Column("cgst_paise", BigInteger, nullable=False),
    Column("sgst_paise", BigInteger, nullable=False),
    Column("igst_paise", BigInteger, nullable=False),
    Column("utgst_paise", BigInteger, nullable=False),
    Column("net_paise", BigInteger, nullable=False),
    Column("txn_at", DateTimeUTC(timezone=True)),
    Column("settled_on", Date, nullable=False),
    Column("status_word", Text),
    Column("on_hold", Boolean, nullable=False),
    Column("occurrence", Integer, nullable=False),
    # As in "id_lost_in_spreadsheet:rrn", joined by blanks.
    Column("warnings", Text),
    PrimaryKeyConstraint("file_id", "line_no", name="settlement_line_pkey"),
    CheckConstraint(f"state IN ({listed(LineState)})", name="state"),
    CheckConstraint(f"line_type IN ({listed(LineType)})", name="line_type"),
    CheckConstraint(f"direction IN ({listed(Direction)})", name="direction"),
    CheckConstraint("gross_paise >= 0", name="gross"),
    Index(
        "settlement_line_of_payment",
        "payment_id",
        "line_type",
        postgresql_where=text("payment_id IS NOT NULL"),
    ),
    # What the bank holds back as a reserve: a line of a payout now and then.
    Index(
        "settlement_line_reserve",
        "mid",
        postgresql_where=text("line_type IN ('reserve_hold', 'reserve_release')"),
    ),
    Index(
        "settlement_line_of_event",
        "event_key",
        postgresql_where=text("payment_id IS NULL"),
    ),
)

bank_statement = Table(
    "bank_statement",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("sha256", String(64), nullable=False),
    # A file may hold several, from 1.
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("received_at", DateTimeUTC(timezone=True), nullable=False),
    Column("received_by", Text, nullable=False),
    Column("format", JSONB, nullable=False),
    Column("account", Text, nullable=False),
    Column("opening_paise", BigInteger, nullable=False),
    Column("closing_paise", BigInteger, nullable=False),
    Column("entry_count", Integer, nullable=False),
    Column("new_count", Integer, nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    # Empty of one that counts; nothing is taken of one that is held.
    Column("held_for", ARRAY(String(20)), nullable=False),
    # The place among the account's statements, and the balances between which its new entries stand.
    Column("sequence", Integer),
    Column("begins_paise", BigInteger),
    Column("ends_paise", BigInteger),
    CheckConstraint("(held_for = '{}') = (sequence IS NOT NULL)", name="held"),
    CheckConstraint("(sequence IS NULL) = (begins_paise IS NULL)", name="begins"),
    UniqueConstraint("sha256", "place", name="bank_statement_once"),
    UniqueConstraint("account", "sequence", name="bank_statement_order"),
)

bank_entry = Table(
    "bank_entry",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("statement_id", BigInteger, nullable=False),
    Column("entry_no", Integer, nullable=False),
    Column("entry_key", LargeBinary, nullable=False),
    Column("account", Text, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("value_on", Date, nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    Column("balance_paise", BigInteger, nullable=False),
    Column("balance_told", Boolean, nullable=False),
    Column("narration", Text, nullable=False),
    Column("reference", Text),
    Column("occurrence", Integer, nullable=False),
    Column("narrated_code", Text),
    Column("narrated_method", Text),
    Column("narrated_day", Date),
    Column("narrated_day_is", String(10)),
    Column("outcome", String(22)),
    # Whether nothing is left to compare it with.
    Column("closed_at", DateTimeUTC(timezone=True)),
    CheckConstraint(f"outcome IN ({listed(CreditOutcome)})", name="outcome"),
    CheckConstraint("closed_at IS NULL OR outcome IS NOT NULL", name="closed"),
    UniqueConstraint("entry_key", name="bank_entry_once"),
    Index("bank_entry_of_account", "account", "booked_on", "id"),
    Index("bank_entry_open", "booked_on", "id", postgresql_where=text("closed_at IS NULL")),
)

# What a source of settlement files said last of a business date, for each MID.
report_answer = Table(
    "report_answer",
    metadata,
    Column("mid", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("origin", String(10), nullable=False),
    Column("answer", String(16), nullable=False),
    Column("asked_at", DateTimeUTC(timezone=True), nullable=False),
    Column("first_asked_at", DateTimeUTC(timezone=True), nullable=False),
    Column("times", Integer, nullable=False),
    Column("retry_at", DateTimeUTC(timezone=True)),
    Column("why", Text),
    PrimaryKeyConstraint("mid", "day", "origin", name="report_answer_pkey"),
    CheckConstraint(f"origin IN ({listed(FileOrigin)})", name="origin"),
    CheckConstraint(f"answer IN ({listed(ReportAnswer)})", name="answer"),
    Index("report_answer_by_day", "day"),
)
