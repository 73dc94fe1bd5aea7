"""Entries of statements in rows: what is copied in, and what is read out."""

from collections.abc import Mapping
from typing import Any, Final

from domain.money import Money
from domain.reconciliation.payout import CreditOutcome
from domain.settlements.bank_statement import BankEntry, NarratedDay, Narration
from ports.settlements.bank_statements import StoredEntry

ENTRY: Final = (
    "statement_id", "entry_no", "entry_key", "account", "booked_on", "value_on", "amount_paise",
    "balance_paise", "balance_told", "narration", "reference", "occurrence", "narrated_code",
    "narrated_method", "narrated_day", "narrated_day_is",
)  # fmt: skip
"""The columns in which entries are copied in, in this order."""


def from_bank_entry(statement: int, account: str, key: str, entry: BankEntry) -> tuple[object, ...]:
    """Return *entry* in the order of ``ENTRY``."""
    named = entry.narrated
    return (
        statement,
        entry.entry_no,
        bytes.fromhex(key),
        account,
        entry.booked_on,
        entry.value_on,
        entry.amount.paise,
        entry.balance.paise,
        entry.balance_told,
        entry.narration,
        entry.reference,
        entry.occurrence,
        None if named is None else named.merchant_code,
        None if named is None else named.method,
        None if named is None else named.day,
        None if named is None else named.day_is.value,
    )


def to_stored_entry(row: Mapping[str, Any]) -> StoredEntry:
    """Return the entry of a row as it is kept."""
    outcome = row["outcome"]
    return StoredEntry(
        account=row["account"],
        key=row["entry_key"].hex(),
        entry=to_bank_entry(row),
        outcome=None if outcome is None else CreditOutcome(outcome),
    )


def to_bank_entry(row: Mapping[str, Any]) -> BankEntry:
    """Return the entry of a row."""
    code = row["narrated_code"]
    return BankEntry(
        entry_no=row["entry_no"],
        booked_on=row["booked_on"],
        value_on=row["value_on"],
        amount=Money(row["amount_paise"]),
        narration=row["narration"],
        reference=row["reference"],
        balance=Money(row["balance_paise"]),
        narrated=None
        if code is None
        else Narration(
            merchant_code=code,
            method=row["narrated_method"],
            day=row["narrated_day"],
            day_is=NarratedDay(row["narrated_day_is"]),
        ),
        balance_told=row["balance_told"],
        occurrence=row["occurrence"],
    )
