"""The search for what must never be kept: in every text of every table, or in the rows that are new."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Table, text

from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.database import Record
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.invariants.card_search import holds_card_number, search
from ports.monitoring.money_invariants import Invariant

FORBIDDEN: Final = Invariant(
    name="forbidden_data",
    means="Something that must never be kept, such as a whole card number, stands in a row.",
    remedy="Find the input that let it in and close it; remove it from rows, logs and backups.",
)
CANDIDATES_MAX: Final = 50_000
"""Rows with long numbers that one statement returns; the rule of the domain decides on each."""

SMALL_ROWS_MAX: Final = 20_000
"""Rows of a table without a watermark that an incremental check reads at most."""


@dataclass(frozen=True, slots=True)
class TableScan:
    """
    The search of one table, which returns the texts of rows that may hold a card number.

    *new* is the same search narrowed: to the rows above a watermark when *grows*, to the rows of the
    payments that have changed with *by_payment*, and otherwise to what is in use, or to the first
    ``SMALL_ROWS_MAX`` rows: a table that holds more is searched whole at night alone.
    """

    table: str
    grows: bool
    by_payment: bool
    full: Prepared
    new: Prepared

    def count(self, candidates: Sequence[Record]) -> int:
        """Return how many of the rows that were found hold a card number."""
        return sum(holds_card_number(each["found"]) for each in candidates)


def _scan(table: Table) -> TableScan | None:
    found = search(table)
    if found is None:
        return None
    grows = _grows(table)
    narrowed = "id > :mark" if grows else _OF_PAYMENTS.get(table.name, _IN_USE.get(table.name))
    return TableScan(
        table=table.name,
        grows=grows,
        by_payment=not grows and table.name in _OF_PAYMENTS,
        full=_found(table.name, found),
        new=_found(f"(SELECT * FROM {table.name} LIMIT {SMALL_ROWS_MAX}) few", found)
        if narrowed is None
        else _found(table.name, found, narrowed),
    )


def _found(rows: str, found: str, condition: str = "true") -> Prepared:
    return prepare(
        text(
            f"SELECT found FROM (SELECT {found} AS found FROM {rows} WHERE {condition}"
            f" OFFSET 0) candidate WHERE found <> '' LIMIT {CANDIDATES_MAX + 1}"
        )
    )


def _grows(table: Table) -> bool:
    """Whether rows are numbered as they are added, so that those above a number are the new ones."""
    key = list(table.primary_key.columns)
    return [each.name for each in key] == ["id"] and isinstance(key[0].type, BigInteger)


_KEYS: Final = "CAST(:keys AS text[])"
_OF_PAYMENTS: Final = {
    "payment": f"id = ANY({_KEYS})",
    "enrolment": f"payment_id = ANY({_KEYS})",
    "refund": f"payment_id = ANY({_KEYS})",
    "entry": f"payment_id = ANY({_KEYS})",
    "expectation": f"payment_id = ANY({_KEYS})",
    "open_expectation": f"payment_id = ANY({_KEYS})",
    "idempotency": (
        f"payment_id = ANY({_KEYS})"
        f" AND student_id = ANY(ARRAY(SELECT student_id FROM payment WHERE id = ANY({_KEYS})))"
    ),
    "discount_use": (
        "(code, student_id) IN"
        f" (SELECT discount_code, student_id FROM payment WHERE id = ANY({_KEYS}))"
    ),
    "document_file": (
        "(gstin, number) IN"
        f" (SELECT gstin, number FROM tax_document WHERE payment_id = ANY({_KEYS}))"
    ),
}
"""How the rows of some payments are found in tables that grow with them and number no rows."""

_IN_USE: Final = {"browser_session": "ends_at >= :at"}
"""How the rows that are in use are found by an index, in tables whose other rows are deleted in time."""

SCANS: Final = tuple(scan for table in metadata.sorted_tables if (scan := _scan(table)) is not None)
GROWING: Final = tuple(scan.table for scan in SCANS if scan.grows)
