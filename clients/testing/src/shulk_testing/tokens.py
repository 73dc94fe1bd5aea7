"""What a platform signs and what an officer's app shows: tokens (RFC 7519, HS256) and one-time codes (RFC 6238)."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

LIFETIME_SECONDS: Final = 3600
STEP_SECONDS: Final = 30
DIGITS: Final = 6
POLL_SECONDS: Final = 0.2


def signed_token(
    secret: str, issuer: str, audience: str, *, subject: str, claims: Mapping[str, object]
) -> str:
    """Return a token as docs/platform-token.md has it, valid for an hour."""
    now = int(time.time())
    told = {"iss": issuer, "aud": audience, "sub": subject, "jti": uuid.uuid4().hex, **claims}
    parts = ({"alg": "HS256", "typ": "JWT"}, told | {"iat": now, "exp": now + LIFETIME_SECONDS})
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + _encoded(digest)).decode()


def totp(seed: str, at: float) -> str:
    """Return the code that the app of *seed* (base32) shows at *at*, in seconds since 1970."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.new(key, int(at // STEP_SECONDS).to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


@dataclass
class Officer:
    """A member of staff who may refund; each code is accepted once."""

    token: str = field(repr=False)
    seed: str = field(repr=False)
    last_step: int = 0

    @property
    def next_step(self) -> int:
        """The time step whose code comes next; one ahead of the present is accepted already."""
        return max(self.last_step + 1, int(time.time()) // STEP_SECONDS)

    def code(self) -> str:
        """Return a fresh code, which may take until the next half minute."""
        step = self.next_step
        while step > int(time.time()) // STEP_SECONDS + 1:
            time.sleep(POLL_SECONDS)
        self.last_step = step
        return totp(self.seed, step * STEP_SECONDS)


def soonest(officers: Sequence[Officer]) -> Officer:
    """Return who has a code first."""
    return min(officers, key=lambda each: each.next_step)


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
