"""
Which calls, webhooks, returns and payments go wrong, drawn from a seed.

Whether a fault strikes depends on the seed, its kind, the order and the how-manieth of its sort it would strike,
and on nothing else: the same orders meet the same faults however their calls interleave.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from entrypoints.simulator.faults.faults import Fault, Operation

STRUCK_SHOWN_MAX: Final = 1000
EVERY: Final = "all"


class Kind(StrEnum):
    LATENCY = "latency"
    RATE_LIMITED = "rate_limited"
    HTTP_500 = "http_500"
    HTML_403 = "html_403"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_DELAY = "webhook_delay"
    WEBHOOK_REORDER = "webhook_reorder"
    WEBHOOK_DROP = "webhook_drop"
    WEBHOOK_TAMPER = "webhook_tamper"
    RETURN_LOST = "return_lost"
    RETURN_FORGED = "return_forged"
    PENDING_FIRST = "pending_first"


CALL_FAULTS: Final = {
    Kind.RATE_LIMITED: Fault.RATE_LIMITED,
    Kind.HTTP_500: Fault.HTTP_500,
    Kind.HTML_403: Fault.HTML_403,
    Kind.TIMEOUT_BEFORE: Fault.TIMEOUT_BEFORE,
    Kind.TIMEOUT_AFTER: Fault.TIMEOUT_AFTER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRates:
    """
    How likely each kind is, from 0 to 1, and its measures in seconds.

    A delay is drawn between nothing and its measure; *hold_seconds* is how long a time-out holds a connection.
    """

    seed: int = 0
    rates: Mapping[Kind, float] = field(default_factory=dict)
    operations: frozenset[Operation] = frozenset(Operation)
    latency_seconds: float = 0.5
    hold_seconds: float = 5.0
    webhook_delay_seconds: float = 5.0
    pending_seconds: float = 5.0


@dataclass(frozen=True, slots=True, order=True)
class Struck:
    """One fault that was drawn: at the *ordinal*-th such moment of the order."""

    kind: Kind
    order_id: str
    ordinal: str


@dataclass(slots=True)
class FaultSchedule:
    rates: FaultRates
    struck: Counter[Kind] = field(default_factory=Counter)
    latest: deque[Struck] = field(default_factory=lambda: deque(maxlen=STRUCK_SHOWN_MAX))
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def plan(self, rates: FaultRates) -> None:
        """Go by *rates* from now on, as if nothing had been before."""
        self.rates = rates
        self.struck.clear()
        self.latest.clear()
        self._seen.clear()

    def end(self) -> None:
        """Nothing strikes from now on."""
        self.rates = replace(self.rates, rates={})

    def strikes(self, kind: Kind, order_id: str, ordinal: str) -> bool:
        """Return whether *kind* strikes here; asking again gives the same answer."""
        rate = self.rates.rates.get(kind, 0.0)
        if not rate or self._drawn(kind, order_id, ordinal) >= rate:
            return False
        self.struck[kind] += 1
        self.latest.append(Struck(kind, order_id.casefold(), ordinal))
        return True

    def part(self, kind: Kind, order_id: str, ordinal: str) -> float:
        """Return how much of its measure a fault that strikes here takes, from 0 to below 1."""
        return self._drawn(f"{kind}.part", order_id, ordinal)

    def count(self, what: str, order_id: str) -> int:
        """Return how many times *what* happened to the order by now, this time included."""
        self._seen[what, order_id.casefold()] += 1
        return self._seen[what, order_id.casefold()]

    def call(self, operation: Operation, order_id: str) -> tuple[float, Fault | None]:
        """Return the seconds to wait before the next call of *operation*, and how it then goes wrong."""
        if operation not in self.rates.operations or not self.rates.rates:
            return 0.0, None
        ordinal = f"{operation}.{self.count(operation, order_id)}"
        late = self.strikes(Kind.LATENCY, order_id, ordinal)
        part = self.part(Kind.LATENCY, order_id, ordinal) if late else 0.0
        fault = next(
            (fault for kind, fault in CALL_FAULTS.items() if self.strikes(kind, order_id, ordinal)),
            None,
        )
        return part * self.rates.latency_seconds, fault

    def _drawn(self, kind: str, order_id: str, ordinal: str) -> float:
        drawn = f"{self.rates.seed}\n{kind}\n{order_id.casefold()}\n{ordinal}".encode()
        return int.from_bytes(hashlib.sha256(drawn).digest()[:6]) / 2**48


def read_rates(written: Mapping[str, float]) -> dict[Kind, float]:
    """Return the rates by kind, ``all`` standing for every kind that is not named; or raise ``ValueError``."""
    named = {name: rate for name, rate in written.items() if name != EVERY}
    for name, rate in written.items():
        if not 0 <= rate <= 1:
            raise ValueError(f"the rate of {name} lies from 0 to 1")
    if unknown := sorted(set(named) - set(Kind)):
        raise ValueError(f"no such fault: {', '.join(unknown)}; there are {', '.join(Kind)}")
    usual = dict.fromkeys(Kind, written[EVERY]) if EVERY in written else {}
    return usual | {Kind(name): rate for name, rate in named.items()}
