"""The signature of an outgoing webhook: Standard Webhooks, version v1 (HMAC-SHA-256)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks.webhooks import Webhook

PREFIX: Final = "whsec_"
KEY_BYTES_MIN: Final = 24
KEY_BYTES_MAX: Final = 64


def key_of(secret: str) -> bytes:
    """Return the key in *secret*: ``whsec_`` and base64 of 24 to 64 bytes. Raises ``ValueError``."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"a secret begins with {PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"behind {PREFIX} stands base64") from error
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise ValueError(f"a secret holds {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
    return key


def signed_headers(
    message_id: str, body: bytes, secrets: Sequence[str], at: datetime
) -> Mapping[str, str]:
    """
    Return the three headers of a message that is sent at the instant *at*; *body* is text in UTF-8.

    With several secrets there is a signature by each, so that a receiver may change to the newer one at
    any time. Source: standardwebhooks.com, specification, "Webhook Metadata" and "Signature scheme".
    """
    # The library takes the hands of any clock as UTC: it replaces the zone where it should convert.
    at = at.astimezone(UTC)
    signatures = (Webhook(key_of(secret)).sign(message_id, at, body.decode()) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
