"""The cursor of the list of refunds, as an opaque text for clients."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

from domain.identifiers import PaymentId, RefundId, is_payment_id
from entrypoints.http.problem_types import CURSOR_INVALID
from entrypoints.http.problems import HttpProblem
from ports.refunds.refund_queries import RefundCursor

CURSOR_MAX: Final = 200
REFUND_ID_MAX: Final = 40
SEPARATOR: Final = "|"


def write_refund_cursor(cursor: RefundCursor) -> str:
    at = cursor.asked_at.astimezone(UTC).isoformat()
    said = SEPARATOR.join((at, cursor.payment, cursor.refund))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_refund_cursor(text: str) -> RefundCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    if len(text) > CURSOR_MAX:
        raise HttpProblem(CURSOR_INVALID)
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        said = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
        instant, payment, refund = said.split(SEPARATOR, maxsplit=2)
        cursor = RefundCursor(
            asked_at=datetime.fromisoformat(instant).astimezone(UTC),
            payment=PaymentId(payment),
            refund=RefundId(refund),
        )
    except (ValueError, OverflowError, binascii.Error):
        raise HttpProblem(CURSOR_INVALID) from None
    shaped = is_payment_id(payment) and len(refund) <= REFUND_ID_MAX and refund.isprintable()
    if not shaped or write_refund_cursor(cursor) != text:
        raise HttpProblem(CURSOR_INVALID)
    return cursor
