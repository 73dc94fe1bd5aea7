"""Sign and verify messages of the fake gateway by a plain HMAC, so that forgeries can be tested too."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Final

from domain.identifiers import PaymentId, is_payment_id
from ports.payments.gateway_messages import (
    ForgedMessage,
    GatewayEvent,
    MalformedMessage,
    ReturnClaim,
)

SIGNATURE: Final = "signature"
SCHEME: Final = "Fake"
CLAIMED: Final = ("order_id", "status", "status_id")
EVENT_FIELDS: Final = frozenset({"id", "name", "order", "status", "status_id"})
ONLY_SALE: Final = frozenset(
    {
        *("TXN_CREATED", "TXN_CHARGED", "TXN_FAILED"),
        *("ORDER_CREATED", "ORDER_SUCCEEDED", "ORDER_FAILED"),
    }
)
"""Events about charging alone; any other event may be about a refund."""


def signed_return(claim: ReturnClaim, key: str) -> list[tuple[str, str]]:
    fields = [
        ("order_id", str(claim.payment)),
        ("status", claim.status),
        ("status_id", str(claim.status_id)),
    ]
    return [*fields, (SIGNATURE, _sign(_canonical(fields), key))]


def read_return(fields: Sequence[tuple[str, str]], key: str) -> ReturnClaim:
    named = dict(fields)
    if len(named) != len(fields):
        raise MalformedMessage("a field is repeated")
    given = named.pop(SIGNATURE, "")
    if not _verifies(given, _canonical(list(named.items())), key):
        raise ForgedMessage("the signature does not fit the fields")
    if missing := [name for name in CLAIMED if not named.get(name)]:
        raise MalformedMessage(f"{missing[0]} is missing")
    if not is_payment_id(named["order_id"]):
        raise MalformedMessage("order_id is not one of ours")
    return ReturnClaim(
        payment=PaymentId(named["order_id"]),
        status=named["status"],
        status_id=int(named["status_id"]) if named["status_id"].isdecimal() else None,
    )


def signed_event(event: Mapping[str, str | int | None], key: str) -> tuple[dict[str, str], bytes]:
    body = json.dumps(event, sort_keys=True).encode()
    return {"authorization": f"{SCHEME} {_sign(body, key)}"}, body


def check_sender(headers: Mapping[str, str]) -> None:
    """Return when there is a signature, which only the body can prove right; or raise ``ForgedMessage``."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme != SCHEME or not given:
        raise ForgedMessage("the signature is missing")


def read_event(headers: Mapping[str, str], body: bytes, key: str) -> GatewayEvent:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme != SCHEME or not _verifies(given, body, key):
        raise ForgedMessage("the signature is missing or does not fit the body")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise MalformedMessage("body is not JSON") from error
    if not isinstance(event, dict) or set(event) != EVENT_FIELDS:
        raise MalformedMessage("body is no event")
    return GatewayEvent(
        **event,
        body_sha256=hashlib.sha256(body).hexdigest(),
        only_sale=event["name"] in ONLY_SALE,
    )


def _canonical(fields: Sequence[tuple[str, str]]) -> bytes:
    return json.dumps(sorted(fields)).encode()


def _sign(message: bytes, key: str) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _verifies(given: str, message: bytes, key: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), _sign(message, key).encode())
