"""The bank's messages as they travel: its own field names, and only those we have a use for."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

Lax = Any
"""A field that comes and goes, or turns into a word such as ``FILTERED``: cleaned where it is read."""

Part = TypeVar("Part", bound=msgspec.Struct)

_MISSING: Final = re.compile(r"Object missing required field `([^`]+)`(?: - at `\$\.([^`]+)`)?")
_PLACE: Final = re.compile(r" - at `\$\.([^`]+)`$")


class SessionRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Protocol page, 2.1."""

    order_id: str
    amount: str
    currency: str
    customer_id: str
    customer_email: str = ""
    customer_phone: str = ""
    mobile_country_code: str = ""
    payment_page_client_id: str
    action: str
    return_url: str
    description: str = ""
    first_name: str = ""
    last_name: str = ""
    expiry_minutes: str = msgspec.field(name="metadata.expiryInMins")

    def __repr__(self) -> str:
        # The rest is the student's, and a repr ends up in logs.
        return f"SessionRequest(order_id={self.order_id!r})"


class PaymentLinks(msgspec.Struct, frozen=True):
    web: str


class SessionAnswer(msgspec.Struct, frozen=True):
    """Protocol page, 2.3; the client token in ``sdk_payload`` is a secret and is not even read."""

    id: str
    order_id: str
    payment_links: PaymentLinks


class Card(msgspec.Struct, frozen=True):
    last_four_digits: Lax = ""
    card_brand: Lax = ""
    card_issuer: Lax = ""


class PaymentGatewayResponse(msgspec.Struct, frozen=True):
    rrn: Lax = ""
    resp_code: Lax = ""
    created: Lax = ""


class TxnDetail(msgspec.Struct, frozen=True):
    txn_id: Lax = ""
    error_code: Lax = ""
    created: Lax = ""


class OrderAnswer(msgspec.Struct, frozen=True):
    """Protocol page, 3.3: five fields are required, numbers are still text (see ``dialects``)."""

    order_id: str
    status: str
    status_id: str
    amount: str
    currency: str
    txn_id: Lax = ""
    payment_method_type: Lax = ""
    bank_error_code: Lax = ""
    card: Lax = None
    payment_gateway_response: Lax = None
    txn_detail: Lax = None
    refunds: Lax = None


class RefundEntry(msgspec.Struct, frozen=True):
    """Protocol page, 4.3; its own ``id`` is empty until the bank is done, so nothing is found by it."""

    unique_request_id: Lax = ""
    amount: Lax = ""
    status: Lax = ""
    ref: Lax = ""
    arn: Lax = ""
    error_code: Lax = ""
    error_message: Lax = ""
    initiated_by: Lax = ""
    created: Lax = ""


class FieldFault(msgspec.Struct, frozen=True):
    field_name: Lax = ""


class ErrorInfo(msgspec.Struct, frozen=True):
    code: Lax = ""
    user_message: Lax = ""
    fields: Lax = ()


class ErrorAnswer(msgspec.Struct, frozen=True):
    """Protocol page, 2.5: every part of an error may be missing."""

    status: Lax = ""
    status_id: Lax = ""
    error_code: Lax = ""
    error_message: Lax = ""
    error_info: Lax = None


class EventSubject(msgspec.Struct, frozen=True):
    """What an event is about: ``content.order`` and ``content.txn`` share these."""

    order_id: Lax = ""
    status: Lax = ""
    status_id: Lax = ""


class Event(msgspec.Struct, frozen=True):
    """Protocol page, 6.3."""

    id: str
    event_name: str
    content: Mapping[str, Lax]


def fields_of(request: SessionRequest) -> Mapping[str, str]:
    """Return the fields of *request* under the bank's names; what is empty is left out."""
    fields: dict[str, str] = msgspec.to_builtins(request)
    return fields


def part(value: object, shape: type[Part]) -> Part:
    """Return *value* in *shape*, or an empty one when the bank put something else in its place."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError:
        return shape()


def fault_in(error: msgspec.ValidationError) -> str:
    """Return which field *error* is about, from the top, and that it is missing or of a wrong kind."""
    if missing := _MISSING.fullmatch(str(error)):
        within = f"{missing[2]}." if missing[2] else ""
        return f"{within}{missing[1]} is missing"
    place = _PLACE.search(str(error))
    return f"{place[1] if place else 'the whole'} is not of the agreed kind"
