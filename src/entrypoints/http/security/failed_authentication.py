"""Failed authentication, counted by address and by person: whoever goes on guessing is told to wait."""

import hashlib
import logging
import time
from dataclasses import dataclass, field
from typing import Final

from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.client_address import network_of
from entrypoints.http.security.rate_limits import Budget, Limits

log = logging.getLogger(__name__)

TRUSTED_SECONDS: Final = 3600.0
TRUSTED_MAX: Final = 1000


@dataclass(slots=True)
class FailedAuthentication:
    """
    Counts what was wrong, in Redis for all processes and in each one without it.

    What is right costs no counting. A wrong token is refused either way, so only its answer changes. A
    password or code may be guessed, so there nothing is checked once the limit is reached. An address
    whose webhooks were right lately is not refused for others behind it (``trust``): the bank's news
    must arrive.
    """

    limits: Limits
    _trusted: dict[str, float] = field(default_factory=dict)

    async def count(self, address: str, subject: str = "") -> None:
        """Count one failure; raises ``HttpProblem`` when *address* or *subject* has too many."""
        waits = [await self.limits.wait_seconds(BUDGET, each) for each in _names(address, subject)]
        _refuse_after(max(waits))

    async def refuse_guesses(self, address: str, subject: str = "") -> None:
        """Return before anything is checked, or raise ``HttpProblem`` when there were too many failures."""
        if self._is_trusted(address):
            return
        waits = [await self.limits.wait_left(BUDGET, each) for each in _names(address, subject)]
        _refuse_after(max(waits))

    def trust(self, address: str) -> None:
        """Remember that what came from *address* was right."""
        self._trusted.pop(address, None)
        if len(self._trusted) >= TRUSTED_MAX:
            del self._trusted[next(iter(self._trusted))]
        self._trusted[address] = time.monotonic() + TRUSTED_SECONDS

    def _is_trusted(self, address: str) -> bool:
        return time.monotonic() < self._trusted.get(address, float("-inf"))


BUDGET: Final = Budget.FAILED_AUTHENTICATION


def _names(address: str, subject: str) -> list[str]:
    names = [f"address:{network_of(address)}"]
    if subject:
        names.append(f"person:{hashlib.sha256(subject.encode()).hexdigest()}")
    return names


def _refuse_after(wait: int) -> None:
    if wait:
        log.warning("rate_limit.exceeded", extra={"event_type": "security", "limit": BUDGET.value})
        raise HttpProblem(problem_types.TOO_MANY_REQUESTS, headers={"Retry-After": str(wait)})
