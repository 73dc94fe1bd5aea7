"""Forge webhooks and returns: the format is right and the content is wrong."""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from entrypoints.simulator.signing import SIGNATURE
from entrypoints.simulator.wire import JsonObject, json_bytes

SOMEBODY_ELSES: Final = "FORGED00000000000000"
FLIPPED: Final = ("AUTHORIZATION_FAILED", 27)
CHARGED: Final = ("CHARGED", 21)


class EventTampering(StrEnum):
    """The credentials are wrong; or they are right, and the body is not the gateway's."""

    CREDENTIALS = "credentials"
    STATUS = "status"
    AMOUNT = "amount"
    ORDER = "order"
    CUT_OFF = "cut_off"


class ReturnTampering(StrEnum):
    STATUS = "status"
    SIGNATURE = "signature"
    UNSIGNED = "unsigned"
    ORDER = "order"


def tampered_body(body: bytes, how: EventTampering) -> bytes:
    """Return *body* as a forger would send it: another status, amount or order, or cut off."""
    if how is EventTampering.CUT_OFF:
        return body[: len(body) // 2]
    event: JsonObject = json.loads(body, parse_float=Decimal)
    content: dict[str, Any] = event["content"]  # type: ignore[assignment]  # an object, as we wrote it
    (subject,) = content.values()
    match how:
        case EventTampering.STATUS:
            subject["status"], subject["status_id"] = _other(subject["status"])
        case EventTampering.AMOUNT:
            for name in {"amount", "txn_amount", "net_amount", "effective_amount"} & set(subject):
                subject[name] = 1
        case EventTampering.ORDER:
            subject["order_id"] = SOMEBODY_ELSES
        case _:
            pass
    return json_bytes(event)


def tampered_fields(fields: Mapping[str, str], how: ReturnTampering) -> dict[str, str]:
    """Return the fields of a return, changed after they were signed."""
    match how:
        case ReturnTampering.STATUS:
            status, status_id = _other(fields["status"])
            return {**fields, "status": status, "status_id": str(status_id)}
        case ReturnTampering.ORDER:
            return {**fields, "order_id": SOMEBODY_ELSES}
        case ReturnTampering.SIGNATURE:
            return {**fields, SIGNATURE: fields.get(SIGNATURE, "")[::-1]}
        case ReturnTampering.UNSIGNED:
            return {name: value for name, value in fields.items() if name != SIGNATURE}


def _other(status: str) -> tuple[str, int]:
    return FLIPPED if status == CHARGED[0] else CHARGED
