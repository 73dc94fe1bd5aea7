"""Standard Webhooks in the standard library: sign and verify a message (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

PREFIX: Final = "whsec_"
VERSION: Final = "v1"
AGE_SECONDS_MAX: Final = 300


class NotSigned(Exception):
    """A message without a valid signature, or one that is older than five minutes or from the future."""


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: of *body*, sent at *timestamp* in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None
) -> Any:
    """
    Return what is in *body*, a JSON object, or raise ``NotSigned``.

    One valid signature of several is enough, since a rotated secret signs beside the one before.
    """
    told = {name.lower(): value for name, value in headers.items()}
    message_id, written = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not message_id or not written.isdecimal():
        raise NotSigned("webhook-id or webhook-timestamp is missing")
    if abs((time.time() if now is None else now) - int(written)) > AGE_SECONDS_MAX:
        raise NotSigned("the message is older than five minutes, or from the future")
    try:
        expected = sign(secret, message_id, int(written), body)
    except binascii.Error:
        raise NotSigned("the secret is not whsec_ and base64") from None
    given = told.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(each.encode(), expected.encode()) for each in given):
        raise NotSigned("no signature fits the message")
    return json.loads(body)
