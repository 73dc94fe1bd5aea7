"""
Sign the payer's return, so that the merchant can recognise a forged one.

As SmartGateway documents it: percent-encode every key and value, sort, join, percent-encode the whole
again, HMAC-SHA256 with the response key, base64. Every parameter takes part except the signature's own two.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

ALGORITHM: Final = "HMAC-SHA256"
SIGNATURE: Final = "signature"
SIGNATURE_ALGORITHM: Final = "signature_algorithm"


def encoded(text: str) -> str:
    """Percent-encode as RFC 3986 does: only letters, digits and ``-._~`` stay."""
    return quote(text, safe="")


def message_to_sign(fields: Mapping[str, str]) -> str:
    signed = {
        encoded(name): encoded(value)
        for name, value in fields.items()
        if name not in {SIGNATURE, SIGNATURE_ALGORITHM}
    }
    return encoded("&".join(f"{name}={signed[name]}" for name in sorted(signed)))


def signature_of(fields: Mapping[str, str], response_key: str) -> str:
    """Return the base64 signature, 44 characters, not yet encoded for a URL."""
    digest = hmac.digest(response_key.encode(), message_to_sign(fields).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode("ascii")
