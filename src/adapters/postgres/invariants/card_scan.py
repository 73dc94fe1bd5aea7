"""The search for what must never be kept: in every text of every table, or in the rows that are new."""

# ruff: noqa: S608 - these texts hold only constants of this code

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, String, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.statements import Prepared, prepare
from ports.monitoring.money_invariants import Invariant

FORBIDDEN: Final = Invariant(
    name="forbidden_data",
    means="Something that must never be kept, such as a whole card number, stands in a row.",
    remedy="Find the input that let it in and close it; remove it from rows, logs and backups.",
)
CANARIES: Final = (
    "4012000000001097",
    "5204730541000464",
    "4012001037141112",
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
)
"""Card numbers of the bank's test page and of common test sets: they are used when the service is tried."""


@dataclass(frozen=True, slots=True)
class TableScan:
    """
    The search of one table, which tells how many rows were found.

    *new* is the same search narrowed: to the rows above a watermark when *grows*, otherwise to the
    rows of the payments that have changed. It is None for a small table, which is searched whole
    each time.
    """

    table: str
    grows: bool
    full: Prepared
    new: Prepared | None


def pattern_of(canaries: Sequence[str]) -> str:
    """Return a regular expression that finds *canaries*, also with a space or hyphen between digits."""
    spelt = (r"[ -]?".join(map(re.escape, each)) for each in canaries)
    return rf"(?<![0-9])({'|'.join(spelt)})(?![0-9])"


def _scan(table: Table) -> TableScan | None:
    texts = [f"{each.name}::text" for each in table.columns if _holds_text(each)]
    if not texts:
        return None
    found = f"concat_ws(chr(10), {', '.join(texts)}) ~ :forbidden"
    grows = _grows(table)
    narrowed = "id > :mark" if grows else _OF_PAYMENTS.get(table.name)
    return TableScan(
        table=table.name,
        grows=grows,
        full=_counted(table, found),
        new=None if narrowed is None else _counted(table, f"{narrowed} AND {found}"),
    )


def _counted(table: Table, condition: str) -> Prepared:
    return prepare(
        text(
            f"SELECT '{table.name}' AS subject, NULL AS key, true AS broken, count(*) AS total"
            f" FROM {table.name} WHERE {condition} HAVING count(*) > 0"
        )
    )


def _holds_text(column: Column[object]) -> bool:
    return isinstance(column.type, String | Text | JSONB) or "ARRAY" in str(column.type).upper()


def _grows(table: Table) -> bool:
    """Whether rows are numbered as they are added, so that those above a number are the new ones."""
    key = list(table.primary_key.columns)
    return [each.name for each in key] == ["id"] and isinstance(key[0].type, BigInteger)


_KEYS: Final = "CAST(:keys AS text[])"
_OF_PAYMENTS: Final = {
    "payment": f"id = ANY({_KEYS})",
    "enrolment": f"payment_id = ANY({_KEYS})",
    "refund": f"payment_id = ANY({_KEYS})",
    "idempotency": (
        f"payment_id = ANY({_KEYS})"
        f" AND student_id = ANY(ARRAY(SELECT student_id FROM payment WHERE id = ANY({_KEYS})))"
    ),
    "document_file": (
        "(gstin, number) IN"
        f" (SELECT gstin, number FROM tax_document WHERE payment_id = ANY({_KEYS}))"
    ),
}
"""How the rows of some payments are found in tables that grow with them and number no rows."""

SCANS: Final = tuple(scan for table in metadata.sorted_tables if (scan := _scan(table)) is not None)
GROWING: Final = tuple(scan.table for scan in SCANS if scan.grows)
