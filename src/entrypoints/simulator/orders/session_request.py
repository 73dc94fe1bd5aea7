"""Read a request of SmartGateway's session API field by field, and name every field that is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

import msgspec

from entrypoints.simulator.addresses import complaint_about
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.refusals import (
    FieldComplaint,
    bad_request,
    invalid_fields,
    missing_fields,
    unknown_client_id,
)
from entrypoints.simulator.rupees import AMOUNT_MIN, rupees_in

MANDATORY: Final = ("order_id", "amount", "customer_id", "payment_page_client_id", "action")
ACTIONS: Final = frozenset({"paymentPage", "paymentManagement"})
UDF_COUNT: Final = 10
TEXT_LENGTH_MAX: Final = 255
LIFETIME_MINUTES_MAX: Final = 525_600

ORDER_ID: Final = re.compile(r"[A-Za-z0-9]{1,20}", re.ASCII)
EMAIL: Final = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,190}")
PHONE: Final = re.compile(r"\d{10}", re.ASCII)
PERSON: Final = re.compile(r"[\w().\- ]{1,255}")
PLAIN_UDF: Final = re.compile(r"[\w .,:/@+-]{0,255}")
ANY_TEXT: Final = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]{0,255}")

# The pattern of each optional text when it is not empty, and the complaint otherwise.
OPTIONAL_TEXTS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "customer_id": (ANY_TEXT, "longer than 255 characters"),
    "customer_email": (EMAIL, "not an e-mail address"),
    "customer_phone": (PHONE, "must be ten digits without a country code"),
    "description": (ANY_TEXT, "longer than 255 characters"),
    "first_name": (PERSON, "only letters, digits, ( ) . - _ and spaces"),
    "last_name": (PERSON, "only letters, digits, ( ) . - _ and spaces"),
    "product_id": (ANY_TEXT, "longer than 255 characters"),
    **{f"udf{n}": (PLAIN_UDF, "no special characters, at most 255") for n in range(1, 6)},
    **{f"udf{n}": (ANY_TEXT, "longer than 255 characters") for n in range(6, UDF_COUNT + 1)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """A session as the merchant asked for it; ``texts`` holds the optional fields that were sent."""

    order_id: str
    amount: Decimal
    amount_as_sent: str
    client_id: str
    action: str
    return_url: str
    webhook_url: str | None
    lifetime: timedelta
    methods: frozenset[Method]
    auto_refund: bool = False
    texts: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")


def read_session_request(body: bytes, config: SimulatorConfig) -> SessionRequest:
    """Return the request, or raise ``ApiRefusal`` with the documented body."""
    try:
        sent = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("The body is not a JSON object") from None
    reader = _Reader({name: bytes(raw) for name, raw in sent.items()})
    if missing := [name for name in MANDATORY if reader.lacks(name)]:
        raise missing_fields(missing)
    request = _read(reader, config)
    if reader.complaints:
        raise invalid_fields(reader.complaints)
    if request.client_id != config.payment_page_client_id:
        raise unknown_client_id()
    return request


def _read(reader: "_Reader", config: SimulatorConfig) -> SessionRequest:
    order_id = reader.text("order_id")
    reader.check("order_id", ORDER_ID.fullmatch(order_id), "up to 20 letters and digits")
    amount_text = reader.amount_text()
    amount = rupees_in(amount_text)
    reader.check("amount", amount is not None, "rupees with at most two decimals")
    reader.check("amount", amount is None or amount >= AMOUNT_MIN, "at least 1.00")
    reader.check("currency", reader.text("currency") in {"", "INR"}, "only INR")
    action = reader.text("action")
    reader.check("action", action in ACTIONS, "paymentPage or paymentManagement")
    texts = {name: reader.text(name) for name in OPTIONAL_TEXTS if not reader.lacks(name)}
    for name, value in texts.items():
        pattern, complaint = OPTIONAL_TEXTS[name]
        reader.check(name, not value or pattern.fullmatch(value), complaint)
    return SessionRequest(
        order_id=order_id,
        amount=amount or AMOUNT_MIN,
        amount_as_sent=amount_text,
        client_id=reader.text("payment_page_client_id"),
        action=action,
        return_url=reader.address("return_url", query_allowed=config.return_query_allowed),
        webhook_url=reader.address("metadata.webhook_url", query_allowed=True) or None,
        lifetime=reader.lifetime(config.order_lifetime_minutes),
        methods=reader.methods(),
        auto_refund=reader.text("metadata.auto_refund_post_success") == "true",
        texts=texts,
    )


class _Option(msgspec.Struct, rename="camel"):
    payment_method_type: str = ""
    enable: bool = True


class _Filter(msgspec.Struct, rename="camel"):
    allow_default_options: bool = True
    options: list[_Option] = []


class _Reader:
    """Reads fields of the flat body and collects complaints about them."""

    def __init__(self, sent: Mapping[str, bytes]) -> None:
        self._sent = sent
        self.complaints: list[FieldComplaint] = []

    def lacks(self, name: str) -> bool:
        """An empty ``customer_id`` is a value (a guest); every other mandatory field must not be empty."""
        empty = {b"null"} if name == "customer_id" else {b"null", b'""'}
        return name not in self._sent or self._sent[name] in empty

    def check(self, name: str, kept: object, complaint: str) -> None:
        if not kept and name not in {told for told, _ in self.complaints}:
            self.complaints.append((name, complaint))

    def text(self, name: str) -> str:
        raw = self._sent.get(name, b"null")
        if raw == b"null":
            return ""
        try:
            return msgspec.json.decode(raw, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.check(name, None, "must be text")
            return ""

    def amount_text(self) -> str:
        # The digits as they were sent: a JSON number never becomes a float.
        raw = self._sent["amount"]
        return self.text("amount") if raw.startswith(b'"') else raw.decode("utf-8", "replace")

    def address(self, name: str, *, query_allowed: bool) -> str:
        if address := self.text(name):
            complaint = complaint_about(address, query_allowed=query_allowed)
            self.check(name, complaint is None, complaint or "")
        return address

    def lifetime(self, usual_minutes: int) -> timedelta:
        name = "metadata.expiryInMins"
        raw = self._sent.get(name, b"null")
        text = raw.decode("utf-8", "replace") if raw.isdigit() else self.text(name)
        if not text:
            return timedelta(minutes=usual_minutes)
        minutes = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0  # noqa: PLR2004 - six digits hold the maximum
        self.check(name, 0 < minutes <= LIFETIME_MINUTES_MAX, "whole minutes, at least 1")
        return timedelta(minutes=minutes)

    def methods(self) -> frozenset[Method]:
        """Return the methods that ``payment_filter`` leaves on the page; all without one."""
        everything = frozenset(Method)
        if self.lacks("payment_filter"):
            return everything
        try:
            wanted = msgspec.json.decode(self._sent["payment_filter"], type=_Filter)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.check("payment_filter", None, "not a payment filter")
            return everything
        off = {one.payment_method_type for one in wanted.options if not one.enable}
        on = {one.payment_method_type for one in wanted.options if one.enable}
        shown = everything if wanted.allow_default_options else everything & on
        return frozenset(Method(method) for method in shown - off)
