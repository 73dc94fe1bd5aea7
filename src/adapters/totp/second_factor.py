"""Time-based one-time passwords (RFC 6238) as every authenticator app has them: SHA-1, 30 s, 6 digits."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""How far a phone's clock, or a slow typist, may be off: one step either way (RFC 6238, 5.2)."""

SEED_LETTERS: Final = 32
"""160 bits in base32, the length of the hash (RFC 4226, 4)."""

CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TotpSecondFactor:
    issuer: str

    def new_seed(self) -> str:
        return pyotp.random_base32(SEED_LETTERS)

    def step_of(self, seed: str, code: str, at: datetime) -> int | None:
        if not CODE.fullmatch(code):
            return None
        now = step_at(at)
        near = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
        # All are compared, whichever fits: the time it takes says nothing.
        fits = [step for step in near if hmac.compare_digest(code_of(seed, step), code)]
        return fits[-1] if fits else None

    def invitation(self, seed: str, owner: str) -> str:
        return pyotp.TOTP(seed).provisioning_uri(name=owner, issuer_name=self.issuer)


def step_at(at: datetime) -> int:
    """Return the number of the half minute that *at* lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(seed: str, step: int) -> str:
    """Return the code that an app shows for *seed* in the half minute number *step*."""
    return pyotp.TOTP(seed).generate_otp(step)
