"""The cursor of the list of discrepancies, as an opaque text for clients."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

from domain.identifiers import DiscrepancyId, is_discrepancy_id
from entrypoints.http.problem_types import CURSOR_INVALID
from entrypoints.http.problems import HttpProblem
from ports.reconciliation.discrepancy_queries import DiscrepancyCursor

CURSOR_MAX: Final = 240
SEPARATOR: Final = "|"
OVERDUE: Final = {"1": True, "0": False}
PAISE_DIGITS_MAX: Final = 18


def write_discrepancy_cursor(cursor: DiscrepancyCursor) -> str:
    """Return *cursor* as a text."""
    said = SEPARATOR.join(
        (
            cursor.at.astimezone(UTC).isoformat(),
            "1" if cursor.overdue else "0",
            str(cursor.weight),
            cursor.found_at.astimezone(UTC).isoformat(),
            cursor.id,
        )
    )
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_discrepancy_cursor(text: str) -> DiscrepancyCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    if len(text) > CURSOR_MAX:
        raise HttpProblem(CURSOR_INVALID)
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        said = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        at, overdue, weight, found_at, name = said.split(SEPARATOR)
        cursor = DiscrepancyCursor(
            at=datetime.fromisoformat(at).astimezone(UTC),
            overdue=OVERDUE[overdue],
            weight=int(weight[: PAISE_DIGITS_MAX + 1]),
            found_at=datetime.fromisoformat(found_at).astimezone(UTC),
            id=DiscrepancyId(name),
        )
    except (KeyError, ValueError, OverflowError, binascii.Error):
        raise HttpProblem(CURSOR_INVALID) from None
    shaped = is_discrepancy_id(name) and len(weight) <= PAISE_DIGITS_MAX
    if not shaped or write_discrepancy_cursor(cursor) != text:
        raise HttpProblem(CURSOR_INVALID)
    return cursor
