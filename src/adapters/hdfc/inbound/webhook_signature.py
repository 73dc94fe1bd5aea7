"""Verify an HMAC over the raw body of a webhook, where one was agreed beside the credentials."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final

SECRETS_MAX: Final = 2
PREFIX: Final = "sha256="
SIGNATURE_LENGTH_MAX: Final = 100

_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")
_NO_DIGEST: Final = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySignature:
    """
    HMAC-SHA256 of the body's bytes, in the header *header* as hex or base64, with or without ``sha256=`` before it.

    *secrets* are all valid at once: two during a rotation.
    """

    header: str
    secrets: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.header or self.header.lower() == "authorization":
            raise ValueError("a body signature has a header of its own")
        if not 1 <= len(self.secrets) <= SECRETS_MAX or not all(self.secrets):
            raise ValueError("one secret signs the bodies, or two during a rotation")

    def verifies(self, given: str, body: bytes) -> bool:
        """Return whether *given* signs *body*; the time taken does not tell which secret matched, or how much of it."""
        digest = _digest(given)
        expected = [hmac.digest(secret.encode(), body, hashlib.sha256) for secret in self.secrets]
        matching = [hmac.compare_digest(digest, each) for each in expected]
        return any(matching)


def _digest(given: str) -> bytes:
    text = given[:SIGNATURE_LENGTH_MAX].strip().removeprefix(PREFIX)
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text.encode(errors="replace"), validate=True)
    except (binascii.Error, ValueError):
        return _NO_DIGEST
