"""The tables of reconciliation: runs, what the bank is expected to settle, what disagrees, and what is paid."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
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

from adapters.postgres.engine.metadata import listed, metadata
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.run import RunTrigger
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject

OPEN = "state IN ('open', 'healing', 'awaiting_approval')"

SEEN = "tstzrange(first_found_at, last_found_at, '[]')"
"""The time from the first to the last run that found it."""

discrepancy = Table(
    "discrepancy",
    metadata,
    # Made from the five columns of the unique key.
    Column("id", String(20), primary_key=True),
    Column("type", String(20), nullable=False),
    Column("cause", String(40), nullable=False),
    Column("subject", String(20), nullable=False),
    Column("ref", Text, nullable=False),
    Column("settlement", Text, nullable=False),
    # The bank's amount less ours, and what of it stands in the account of the cause until it is decided.
    Column("difference_paise", BigInteger, nullable=False),
    Column("posted_paise", BigInteger, nullable=False),
    Column("action", String(30), nullable=False),
    # Pairs of a file's hash and a number of a line in it.
    Column("lines", JSONB, nullable=False),
    Column("rejected_lines", ARRAY(Integer), nullable=False),
    Column("entries", ARRAY(Text), nullable=False),
    Column("closed", ARRAY(Text), nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("state", String(20), nullable=False),
    Column("owner", String(20), nullable=False),
    Column("first_found_at", DateTimeUTC(timezone=True), nullable=False),
    Column("last_found_at", DateTimeUTC(timezone=True), nullable=False),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    Column("times_found", Integer, nullable=False),
    Column("closed_by", Text, nullable=False),
    # Every id by which it is searched for.
    Column("ids", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint(f"type IN ({listed(DiscrepancyType)})", name="type"),
    CheckConstraint(f"cause IN ({listed(Cause)})", name="cause"),
    CheckConstraint(f"subject IN ({listed(Subject)})", name="subject"),
    CheckConstraint(f"action IN ({listed(Action)})", name="action"),
    CheckConstraint(f"state IN ({listed(DiscrepancyState)})", name="state"),
    CheckConstraint(f"owner IN ({listed(Owner)})", name="owner"),
    CheckConstraint("times_found > 0 AND version > 0", name="counts"),
    CheckConstraint("first_found_at <= last_found_at", name="found"),
    UniqueConstraint("type", "cause", "subject", "ref", "settlement", name="discrepancy_once"),
    Index("discrepancy_open", "first_found_at", "id", postgresql_where=text(OPEN)),
    Index("discrepancy_by_found", "first_found_at", "id"),
    # The newest of each kind: a list finds them, or that there are none, without reading all.
    Index("discrepancy_by_kind", "type", "cause", "state", "owner", "first_found_at", "id"),
    Index("discrepancy_by_ids", "ids", postgresql_using="gin"),
    # What a run saw is little, however many there were before and after it.
    Index("discrepancy_seen", text(SEEN), postgresql_using="gist"),
)

# One row for each capture and each paid refund, written with their journals: the sub-ledger of clearing.
expectation = Table(
    "expectation",
    metadata,
    Column("payment_id", String(20), nullable=False),
    # Empty for the capture: the bank's ids of refunds are unique within one payment only.
    Column("refund_id", String(40), nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    # The day in India on which it was captured or paid. When it is due is computed, not stored.
    Column("business_date", Date, nullable=False),
    # The line that settled it: the hash of its file, and its number there.
    Column("settled_file", String(64)),
    Column("settled_line", Integer),
    # How much of it left clearing then; a capture may be corrected later.
    Column("settled_paise", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("payment_id", "refund_id", name="expectation_pkey"),
    CheckConstraint("(settled_file IS NULL) = (settled_line IS NULL)", name="settled_line"),
    CheckConstraint("settled_file IS NOT NULL OR settled_paise = 0", name="settled_paise"),
    Index("expectation_by_date", "business_date"),
    # Which pages hold what a file settled. A tree of it, or a condition on it, would cost each sale that is settled an
    # entry in every index.
    Index(
        "expectation_in_file",
        "settled_file",
        postgresql_using="brin",
        postgresql_ops={"settled_file": "text_bloom_ops (n_distinct_per_range = 64)"},
        postgresql_with={"pages_per_range": "32", "autosummarize": "on"},
    ),
    # There is room for another version of each row in its page.
    postgresql_with={"fillfactor": "35"},
)

# Those that no line has settled: little, however long the history is. Triggers of the table above keep it.
open_expectation = Table(
    "open_expectation",
    metadata,
    Column("payment_id", String(20), nullable=False),
    Column("refund_id", String(40), nullable=False),
    PrimaryKeyConstraint("payment_id", "refund_id", name="open_expectation_pkey"),
    postgresql_with={
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_threshold": "1000",
    },
)

reconciliation = Table(
    "reconciliation",
    metadata,
    Column("id", String(20), primary_key=True),
    # Business dates in India, both included.
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("trigger", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("requested_at", DateTimeUTC(timezone=True), nullable=False),
    Column("requested_by", Text, nullable=False),
    # Of what a person asked for: the day in India, and how many it is of that day.
    Column("asked_on", Date),
    Column("asked_nth", Integer),
    # Each worker that takes it counts; only the last one may end it.
    Column("attempts", Integer, nullable=False),
    Column("lease_until", DateTimeUTC(timezone=True)),
    Column("as_of", DateTimeUTC(timezone=True)),
    Column("ended_at", DateTimeUTC(timezone=True)),
    Column("summary", JSONB),
    Column("why", Text, nullable=False),
    CheckConstraint(f"trigger IN ({listed(RunTrigger)})", name="trigger"),
    CheckConstraint(f"state IN ({listed(RunState)})", name="state"),
    CheckConstraint("first <= last", name="range"),
    CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease"),
    CheckConstraint("(state IN ('requested', 'running')) = (ended_at IS NULL)", name="ended"),
    Index(
        "reconciliation_one_live",
        "first",
        "last",
        unique=True,
        postgresql_where=text("state IN ('requested', 'running')"),
    ),
    Index(
        "reconciliation_asked_once",
        "requested_by",
        "asked_on",
        "asked_nth",
        unique=True,
        postgresql_where=text("asked_nth IS NOT NULL"),
    ),
    Index("reconciliation_by_date", "requested_at", "id"),
    Index("reconciliation_of_range", "first", "last"),
)

# Which part of an entry of a statement pays which settlement.
settlement_credit = Table(
    "settlement_credit",
    metadata,
    # The day and the key of the entry, as discrepancies and journals name it.
    Column("entry", String(40), nullable=False),
    Column("settlement", Text, nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    # What the settlement's net amount lacks or has too much.
    Column("rounding_paise", BigInteger, nullable=False),
    Column("matched_at", DateTimeUTC(timezone=True), nullable=False),
    PrimaryKeyConstraint("entry", "settlement", name="settlement_credit_pkey"),
    Index("settlement_credit_of", "settlement"),
)

resolution = Table(
    "resolution",
    metadata,
    Column("discrepancy_id", String(20), nullable=False),
    # Counts the resolutions of a discrepancy from 1; it is the sequence of its journal as well.
    Column("sequence", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", String(500), nullable=False),
    # What was decided about, without sign; and the figures of the finding that the person saw.
    Column("amount_paise", BigInteger, nullable=False),
    Column("difference_paise", BigInteger, nullable=False),
    Column("posted_paise", BigInteger, nullable=False),
    Column("decided_by", String(300), nullable=False),
    Column("decided_at", DateTimeUTC(timezone=True), nullable=False),
    # The day in India, and the limits of that day for one person.
    Column("decided_on", Date, nullable=False),
    Column("limit_each_paise", BigInteger, nullable=False),
    Column("limit_day_paise", BigInteger, nullable=False),
    Column("account", String(20)),
    Column("payment_id", String(20)),
    Column("until", Date),
    Column("undoes", Integer),
    # Counts what the person decided alone and within limits on that day.
    Column("alone", Integer),
    Column("posts", String(20)),
    Column("request_key", String(255)),
    Column("request_sha256", String(64)),
    Column("approved_by", String(300)),
    Column("approved_at", DateTimeUTC(timezone=True)),
    Column("ended_by", String(300)),
    Column("ended_at", DateTimeUTC(timezone=True)),
    PrimaryKeyConstraint("discrepancy_id", "sequence", name="resolution_pkey"),
    CheckConstraint(f"action IN ({listed(ResolutionAction)})", name="action"),
    CheckConstraint(f"state IN ({listed(ResolutionState)})", name="state"),
    CheckConstraint(f"account IN ({listed(Account)})", name="account"),
    CheckConstraint(f"posts IN ({listed(JournalKind)})", name="posts"),
    CheckConstraint("length(btrim(note)) >= 3", name="note"),
    CheckConstraint("amount_paise >= 0 AND sequence > 0", name="amount"),
    CheckConstraint("approved_by <> decided_by", name="second_person"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
    CheckConstraint("(request_key IS NULL) = (request_sha256 IS NULL)", name="request"),
    Index(
        "resolution_one_proposed",
        "discrepancy_id",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
    Index(
        "resolution_alone_once",
        "decided_by",
        "decided_on",
        "alone",
        unique=True,
        postgresql_where=text("alone IS NOT NULL"),
    ),
    # Read with each payment: a refund of a second charge is none of the sale.
    Index(
        "resolution_refunds",
        "payment_id",
        postgresql_where=text("action = 'refund_student' AND state = 'in_force'"),
    ),
    Index(
        "resolution_by_key",
        "decided_by",
        "request_key",
        postgresql_where=text("request_key IS NOT NULL"),
    ),
)
