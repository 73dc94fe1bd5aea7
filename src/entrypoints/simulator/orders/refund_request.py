"""Read a refund request: a form as documented, or JSON, which merchants report to work (SmartGateway's refund API)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from entrypoints.simulator.addresses import complaint_about
from entrypoints.simulator.refusals import (
    bad_request,
    invalid_fields,
    missing_fields,
    refund_refused,
    unsupported_media,
)
from entrypoints.simulator.rupees import rupees_in

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
FORM: Final = "application/x-www-form-urlencoded"
FIELDS_MAX: Final = 50
STANDARD: Final = "STANDARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A refund as the merchant requested it; without *amount* it is the whole refundable amount."""

    unique_request_id: str
    amount: Decimal | None
    webhook_url: str | None = None
    initiated_by: str = "API"


def read_fields(body: bytes, content_type: str) -> Mapping[str, str]:
    """Return the fields of *body* as texts, or raise ``ApiRefusal``; numbers keep the digits they were sent with."""
    match content_type.partition(";")[0].strip().lower():
        case "application/x-www-form-urlencoded" | "":
            return _form(body)
        case "application/json":
            return json_fields(body)
        case _:
            raise unsupported_media(FORM)


def read_refund_request(fields: Mapping[str, str]) -> RefundRequest:
    """Return the request, or raise ``ApiRefusal`` with the documented body."""
    if not (request_id := fields.get("unique_request_id", "")):
        raise missing_fields(["unique_request_id"])
    if not REQUEST_ID.fullmatch(request_id):
        raise invalid_fields([("unique_request_id", "up to 20 letters and digits")])
    if (kind := fields.get("refund_type", "") or STANDARD) != STANDARD:
        raise bad_request(f"Refunds of type {kind[:20]} are not enabled", code="INVALID_ACTION")
    address = fields.get("webhook_url") or None
    if address and (complaint := complaint_about(address, query_allowed=True)):
        raise invalid_fields([("webhook_url", complaint)])
    return RefundRequest(
        unique_request_id=request_id,
        amount=_amount(fields["amount"]) if fields.get("amount") else None,
        webhook_url=address,
        initiated_by=fields.get("initiated_by", "")[:50] or "API",
    )


def json_fields(body: bytes) -> Mapping[str, str]:
    """Return the texts and numbers of a flat JSON object, or raise ``ApiRefusal``."""
    try:
        sent = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        return {
            name: msgspec.json.decode(raw, type=str)
            if bytes(raw).startswith(b'"')
            else bytes(raw).decode()
            for name, raw in sent.items()
            if bytes(raw) != b"null"
        }
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("The body is not a JSON object") from None


def _form(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError:
        raise bad_request("The body is not a form") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise bad_request("A field is repeated")
    return dict(pairs)


def _amount(written: str) -> Decimal:
    amount = rupees_in(written)
    if not amount:
        raise refund_refused(
            "invalid amount", "INVALID_INPUT", "Rupees above zero with at most two decimals"
        )
    return amount
