"""Fingerprints of secrets, by which two people can compare what they were given; without the key none can be made."""

import hmac
from dataclasses import dataclass, field
from typing import Final

FINGERPRINT_CHARS: Final = 8
PURPOSE: Final = b"fingerprint of a secret: "


@dataclass(frozen=True, slots=True)
class SecretFingerprint:
    key: str = field(repr=False)

    def __call__(self, secret: str) -> str:
        """Return 8 hex digits of an HMAC-SHA-256."""
        digest = hmac.digest(self.key.encode(), PURPOSE + secret.encode(), "sha256")
        return digest.hex()[:FINGERPRINT_CHARS]
