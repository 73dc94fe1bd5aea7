"""A second factor whose codes anybody can work out in their head: the seed's number, and the step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ports.unit_of_work import Work

STEP_SECONDS: Final = 30
SEED: Final = "SEED"


@dataclass(slots=True)
class CountingFactor:
    drawn: int = 0

    def new_seed(self) -> str:
        self.drawn += 1
        return f"{SEED}{self.drawn}"

    def step_of(self, seed: str, code: str, at: datetime) -> int | None:
        now = step_at(at)
        return next((s for s in (now + 1, now, now - 1) if code_at(seed, s) == code), None)

    def provisioning_uri(self, seed: str, owner: str) -> str:
        return f"otpauth://totp/{owner}?secret={seed}"


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def code_at(seed: str, step: int) -> str:
    """Return the six digits that stand for *step* under *seed*."""
    number = int(seed.removeprefix(SEED))
    return f"{number % 100:02}{step % 10_000:04}"


async def confirmed(_: Work) -> None:
    """Confirm an act for tests that are about the act and not about its TOTP code."""


def code_now(seed: str, at: datetime) -> str:
    return code_at(seed, step_at(at))
