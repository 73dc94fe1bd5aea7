"""The cursor of the history, as an opaque text for clients."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

from domain.identifiers import PaymentId, is_payment_id
from entrypoints.http.problem_types import CURSOR_INVALID
from entrypoints.http.problems import HttpProblem
from ports.payments.payment_queries import HistoryCursor

CURSOR_MAX: Final = 120
SEPARATOR: Final = "|"


def write_cursor(cursor: HistoryCursor) -> str:
    said = f"{cursor.opened_at.astimezone(UTC).isoformat()}{SEPARATOR}{cursor.payment}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(text: str) -> HistoryCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    if len(text) > CURSOR_MAX:
        raise HttpProblem(CURSOR_INVALID)
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        said = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        instant, _, payment = said.partition(SEPARATOR)
        opened_at = datetime.fromisoformat(instant)
        cursor = HistoryCursor(opened_at.astimezone(UTC), PaymentId(payment))
    except (ValueError, OverflowError, binascii.Error):
        raise HttpProblem(CURSOR_INVALID) from None
    if not is_payment_id(payment) or write_cursor(cursor) != text:
        raise HttpProblem(CURSOR_INVALID)
    return cursor
