"""Requests and answers of the order API under the bank's field names; only the fields that are used."""

from collections.abc import Mapping, Sequence

import msgspec

from adapters.hdfc.formats.message_fields import Lax


class PaymentOption(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    payment_method_type: str
    enable: bool


class PaymentFilter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the payment page shows: without default options nothing but what is listed."""

    allow_default_options: bool
    options: tuple[PaymentOption, ...]


def only(methods: Sequence[str]) -> PaymentFilter | None:
    """Return the filter that leaves *methods* alone on the page, None where they are not limited."""
    if not methods:
        return None
    options = tuple(PaymentOption(payment_method_type=each, enable=True) for each in methods)
    return PaymentFilter(allow_default_options=False, options=options)


class SessionRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request of SmartGateway's session API."""

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
    payment_filter: PaymentFilter | None = None

    def __repr__(self) -> str:
        # The other fields are personal data, and a repr may be logged.
        return f"SessionRequest(order_id={self.order_id!r})"


class PaymentLinks(msgspec.Struct, frozen=True):
    web: str


class SessionAnswer(msgspec.Struct, frozen=True):
    """An answer of SmartGateway's session API. The client token in ``sdk_payload`` is a secret and is not read."""

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
    surcharge_amount: Lax = ""
    tax_amount: Lax = ""
    offer_deduction_amount: Lax = ""


class OrderAnswer(msgspec.Struct, frozen=True):
    """An answer of the order-status API: five fields are required, and numbers are text (see ``answer_body``)."""

    order_id: str
    status: str
    status_id: str
    amount: str
    currency: str
    txn_id: Lax = ""
    payment_method_type: Lax = ""
    bank_error_code: Lax = ""
    effective_amount: Lax = ""
    card: Lax = None
    payment_gateway_response: Lax = None
    txn_detail: Lax = None
    refunds: Lax = None
    chargebacks: Lax = None


class ChargebackEntry(msgspec.Struct, frozen=True):
    """A dispute in an order status, under the names of Juspay's general documentation."""

    id: Lax = ""
    amount: Lax = ""
    dispute_status: Lax = ""
    status: Lax = ""
    reason: Lax = ""
    date_created: Lax = ""
    due_date: Lax = ""


class RefundEntry(msgspec.Struct, frozen=True):
    """A refund in an order status. Its own ``id`` is empty until the refund has ended, and is not used."""

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
    """An error of SmartGateway's APIs: every part of it may be missing."""

    status: Lax = ""
    status_id: Lax = ""
    error_code: Lax = ""
    error_message: Lax = ""
    error_info: Lax = None


def fields_of(request: SessionRequest) -> Mapping[str, object]:
    """Return the fields of *request* under the bank's names; what is empty is left out."""
    fields: dict[str, object] = msgspec.to_builtins(request)
    return fields
