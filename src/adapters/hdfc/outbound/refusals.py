"""What it means for the money when the bank does not answer with an order: one table of failures."""

from typing import Final

import httpx
import msgspec

from adapters.hdfc.formats.message_fields import part
from adapters.hdfc.formats.numbers import whole_number
from adapters.hdfc.outbound.transport import GatewayAnswer
from adapters.hdfc.outbound.wire import ErrorAnswer, ErrorInfo, FieldFault
from adapters.hdfc.sanitise import DETAIL_LENGTH_MAX, NAME_LENGTH_MAX, clean
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOutcomeUnknown,
    GatewayRefused,
)

FIELDS_NAMED_MAX: Final = 20
SAYS_UNKNOWN: Final = frozenset({"order_not_found", "RESOURCE_NOT_FOUND", "NOT_FOUND"})
NOT_FOUND: Final = ("NOT_FOUND", 40)
SAYS_DUPLICATE: Final = "duplicate"

_DENIED: Final = frozenset({401, 403})
_INVALID: Final = frozenset({400, 404, 409, 413, 415, 422})
_NOT_FOUND: Final = 404
_BUSY: Final = 429


def failure_of(answer: GatewayAnswer) -> GatewayFailure:
    """Return the failure that an *answer* without the expected content means."""
    error = part(answer.body, ErrorAnswer)
    info = part(error.error_info, ErrorInfo)
    detail, response_id = _detail(error, info), answer.response_id
    if answer.status == _BUSY:
        return GatewayBusy(detail, response_id=response_id, retry_after=answer.retry_after)
    if answer.status in _DENIED:
        return GatewayDenied(detail, response_id=response_id)
    if answer.status in _INVALID:
        return GatewayRefused(detail, response_id=response_id, fields=_fields(info))
    return GatewayDown(detail or f"answered with status {answer.status}", response_id=response_id)


def refund_failure_of(answer: GatewayAnswer) -> GatewayFailure:
    """
    Return the failure that an *answer* to a refund means (SmartGateway's refund API).

    The bank says ``duplicate.call`` when it knows the id, and when it processes a refund of the same amount.
    A failure on the bank's side leaves it unknown whether the refund was begun.
    """
    gateway_failure = failure_of(answer)
    if isinstance(gateway_failure, GatewayRefused):
        error = part(answer.body, ErrorAnswer)
        words = (error.error_code, part(error.error_info, ErrorInfo).code)
        if any(isinstance(word, str) and SAYS_DUPLICATE in word.lower() for word in words):
            return GatewayDuplicate(gateway_failure.detail, response_id=gateway_failure.response_id)
    if isinstance(gateway_failure, GatewayDown):
        return GatewayOutcomeUnknown(
            gateway_failure.detail, response_id=gateway_failure.response_id
        )
    return gateway_failure


def says_unknown_order(answer: GatewayAnswer) -> bool:
    """
    Whether the bank itself says that it does not know the order (SmartGateway's order-status API).

    A 404 counts only in the format of the bank's errors: a misrouted proxy answers 404 too.
    """
    error = part(answer.body, ErrorAnswer)
    if httpx.codes.is_success(answer.status):
        return (error.status, whole_number(error.status_id)) == NOT_FOUND
    if not httpx.codes.is_client_error(answer.status) or answer.status in _DENIED:
        return False
    words = (error.status, error.error_code, part(error.error_info, ErrorInfo).code)
    if any(isinstance(word, str) and word in SAYS_UNKNOWN for word in words):
        return True
    return answer.status == _NOT_FOUND and bool(error.status or error.error_code)


def _detail(error: ErrorAnswer, info: ErrorInfo) -> str:
    for text in (info.user_message, error.error_message, error.error_code):
        if detail := clean(text, DETAIL_LENGTH_MAX):
            return detail
    return ""


def _fields(info: ErrorInfo) -> tuple[str, ...]:
    try:
        faults = msgspec.convert(info.fields, list[FieldFault])
    except msgspec.ValidationError:
        return ()
    names = (clean(fault.field_name, NAME_LENGTH_MAX) for fault in faults[:FIELDS_NAMED_MAX])
    return tuple(name for name in names if name)
