"""The cursor of the history, as an opaque text for clients."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

from domain.identifiers import PaymentId, is_payment_id
from entrypoints.http.problem_types import CURSOR_INVALID
from entrypoints.http.problems import HttpProblem
from ports.payments.payment_queries import HistoryCursor

CURSOR_MAX: Final = 160
SEPARATOR: Final = "|"


def write_cursor(cursor: HistoryCursor) -> str:
    return write_text_cursor(cursor.opened_at, cursor.payment)


def read_cursor(text: str) -> HistoryCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    opened_at, payment = read_text_cursor(text)
    if not is_payment_id(payment):
        raise HttpProblem(CURSOR_INVALID)
    return HistoryCursor(opened_at, PaymentId(payment))


def write_text_cursor(instant: datetime, key: str) -> str:
    """Return the place of what has the ASCII *key* and came at *instant*."""
    said = f"{instant.astimezone(UTC).isoformat()}{SEPARATOR}{key}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_text_cursor(text: str) -> tuple[datetime, str]:
    """Return the instant (UTC) and the key that were written as *text*, or raise ``HttpProblem``."""
    if len(text) > CURSOR_MAX:
        raise HttpProblem(CURSOR_INVALID)
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        said = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        instant, _, key = said.partition(SEPARATOR)
        at = datetime.fromisoformat(instant).astimezone(UTC)
    except (ValueError, OverflowError, binascii.Error):
        raise HttpProblem(CURSOR_INVALID) from None
    if write_text_cursor(at, key) != text:
        raise HttpProblem(CURSOR_INVALID)
    return at, key
