"""The tables of the ledger: journals with their entries, closed periods, and the passes of the back-fill."""

from typing import Final

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from adapters.postgres.engine.metadata import listed, metadata
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind

KINDS: Final = listed(JournalKind)
ACCOUNTS: Final = listed(Account)

# Triggers of the database refuse to change or delete rows of the first three tables. They also refuse
# a statement that leaves a journal unbalanced, or that posts into a closed period.
journal = Table(
    "journal",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("sequence", Integer, nullable=False),
    # The day of the fact, and the business date: the first open day from there on. Both in India.
    Column("fact_date", Date, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("posted_at", DateTimeUTC(timezone=True), nullable=False),
    Column("reference", String(100), nullable=False, server_default=""),
    Column("reverses", BigInteger),
    CheckConstraint(f"kind IN ({KINDS})", name="kind"),
    CheckConstraint("sequence > 0", name="sequence"),
    CheckConstraint("business_date >= fact_date", name="business_date"),
    CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reverses"),
    UniqueConstraint("kind", "subject", "sequence", name="journal_once"),
    Index(
        "journal_reversed_once",
        "reverses",
        unique=True,
        postgresql_where=text("reverses IS NOT NULL"),
    ),
    Index("journal_by_date", "business_date", "id"),
)

# The journal's row is checked by the trigger; a foreign key would check each entry once more.
entry = Table(
    "entry",
    metadata,
    Column("journal_id", BigInteger, nullable=False),
    Column("line", SmallInteger, nullable=False),
    # As in the journal, so that an account is read by one index.
    Column("business_date", Date, nullable=False),
    Column("account", String(20), nullable=False),
    # A debit is positive, a credit negative.
    Column("amount_paise", BigInteger, nullable=False),
    Column("payment_id", String(20)),
    Column("settlement", String(100)),
    Column("discrepancy", String(100)),
    PrimaryKeyConstraint("journal_id", "line", name="entry_pkey"),
    CheckConstraint(f"account IN ({ACCOUNTS})", name="account"),
    CheckConstraint("amount_paise <> 0", name="amount"),
    CheckConstraint("line > 0", name="line"),
    Index(
        "entry_of_account",
        "account",
        "business_date",
        "journal_id",
        "line",
        postgresql_include=["amount_paise"],
    ),
    Index(
        "entry_of_payment",
        "payment_id",
        "account",
        postgresql_where=text("payment_id IS NOT NULL"),
        postgresql_include=["amount_paise"],
    ),
)

closed_period = Table(
    "closed_period",
    metadata,
    # All days up to this one are closed.
    Column("last", Date, nullable=False),
    Column("closed_at", DateTimeUTC(timezone=True), nullable=False),
    Column("closed_by", String(300), nullable=False),
    PrimaryKeyConstraint("last", name="closed_period_pkey"),
)

ledger_backfill = Table(
    "ledger_backfill",
    metadata,
    Column("pass", SmallInteger, nullable=False),
    Column("due_at", DateTimeUTC(timezone=True), nullable=False),
    # The last payment whose facts are posted.
    Column("after", String(20), nullable=False),
    Column("finished_at", DateTimeUTC(timezone=True)),
    PrimaryKeyConstraint("pass", name="ledger_backfill_pkey"),
)
