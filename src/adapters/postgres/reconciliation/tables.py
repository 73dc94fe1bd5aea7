"""The tables of reconciliation: what books and bank disagree on, over all runs."""

from enum import StrEnum

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.engine.metadata import metadata
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject


def _listed(words: type[StrEnum]) -> str:
    return ", ".join(f"'{word.value}'" for word in words)


OPEN = "state IN ('open', 'healing', 'awaiting_approval')"

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
    CheckConstraint(f"type IN ({_listed(DiscrepancyType)})", name="type"),
    CheckConstraint(f"cause IN ({_listed(Cause)})", name="cause"),
    CheckConstraint(f"subject IN ({_listed(Subject)})", name="subject"),
    CheckConstraint(f"action IN ({_listed(Action)})", name="action"),
    CheckConstraint(f"state IN ({_listed(DiscrepancyState)})", name="state"),
    CheckConstraint(f"owner IN ({_listed(Owner)})", name="owner"),
    CheckConstraint("times_found > 0 AND version > 0", name="counts"),
    CheckConstraint("first_found_at <= last_found_at", name="found"),
    UniqueConstraint("type", "cause", "subject", "ref", "settlement", name="discrepancy_once"),
    Index("discrepancy_open", "first_found_at", "id", postgresql_where=text(OPEN)),
    Index("discrepancy_by_found", "first_found_at", "id"),
    Index("discrepancy_by_ids", "ids", postgresql_using="gin"),
)
