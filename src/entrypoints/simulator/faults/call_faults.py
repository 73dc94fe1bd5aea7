"""The calls of the order API, and the faults that can be injected into them."""

from enum import StrEnum
from typing import Final

HOLD_SECONDS_MAX: Final = 120.0


class OrderOperation(StrEnum):
    SESSION = "session"
    STATUS = "status"
    REFUND = "refund"


class OperationFault(StrEnum):
    HTTP_500 = "http_500"
    HTML_403 = "html_403"
    RATE_LIMITED = "rate_limited"
    UNAUTHORISED = "unauthorised"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    LATE = "late"
