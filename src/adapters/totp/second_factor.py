"""Time-based one-time passwords (RFC 6238) as authenticator apps compute them: SHA-1, 30 seconds, 6 digits."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""How many steps a code may be early or late, for clocks that differ and slow typing (RFC 6238, 5.2)."""

SEED_CHARS: Final = 32
"""160 bits in base32, the length of the hash (RFC 4226, 4)."""

CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TotpSecondFactor:
    issuer: str

    def new_seed(self) -> str:
        return pyotp.random_base32(SEED_CHARS)

    def step_of(self, seed: str, code: str, at: datetime) -> int | None:
        if not CODE.fullmatch(code):
            return None
        now = step_at(at)
        near = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
        # All are compared, so that the time taken does not tell which one matched.
        fits = [step for step in near if hmac.compare_digest(code_of(seed, step), code)]
        return fits[-1] if fits else None

    def provisioning_uri(self, seed: str, owner: str) -> str:
        return pyotp.TOTP(seed).provisioning_uri(name=owner, issuer_name=self.issuer)


def step_at(at: datetime) -> int:
    """Return the number of the 30-second time step of *at*."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(seed: str, step: int) -> str:
    """Return the code that an app shows for *seed* in the time step *step*."""
    return pyotp.TOTP(seed).generate_otp(step)
