"""
Which calls, webhooks, returns and payments get a fault, drawn from a seed.

Whether a fault is injected depends only on the seed, its kind, the order, and the number of such calls, webhooks,
returns or attempts of that order. The same orders get the same faults however their calls interleave.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from entrypoints.simulator.faults.call_faults import OperationFault, OrderOperation
from entrypoints.simulator.faults.settlement_faults import SettlementFault

INJECTED_SHOWN_MAX: Final = 1000
EVERY: Final = "all"


class FaultKind(StrEnum):
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


AnyFault = FaultKind | SettlementFault
CALL_FAULTS: Final = {
    FaultKind.RATE_LIMITED: OperationFault.RATE_LIMITED,
    FaultKind.HTTP_500: OperationFault.HTTP_500,
    FaultKind.HTML_403: OperationFault.HTML_403,
    FaultKind.TIMEOUT_BEFORE: OperationFault.TIMEOUT_BEFORE,
    FaultKind.TIMEOUT_AFTER: OperationFault.TIMEOUT_AFTER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRates:
    """
    How likely each kind of fault is, from 0 to 1, and its longest delay in seconds.

    A delay is drawn between zero and its longest; *hold_seconds* is how long a time-out holds a connection.
    """

    seed: int = 0
    rates: Mapping[AnyFault, float] = field(default_factory=dict)
    operations: frozenset[OrderOperation] = frozenset(OrderOperation)
    latency_seconds: float = 0.5
    hold_seconds: float = 5.0
    webhook_delay_seconds: float = 5.0
    pending_seconds: float = 5.0


@dataclass(frozen=True, slots=True, order=True)
class InjectedFault:
    """One fault that was injected, at the *ordinal*-th call, webhook, return or attempt of the order."""

    kind: AnyFault
    order_id: str
    ordinal: str


@dataclass(slots=True)
class FaultSchedule:
    rates: FaultRates
    injected: Counter[AnyFault] = field(default_factory=Counter)
    latest: deque[InjectedFault] = field(default_factory=lambda: deque(maxlen=INJECTED_SHOWN_MAX))
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def plan(self, rates: FaultRates) -> None:
        """Use *rates* from now on and clear the record."""
        self.rates = rates
        self.injected.clear()
        self.latest.clear()
        self._seen.clear()

    def end(self) -> None:
        """Inject nothing from now on; the record stays."""
        self.rates = replace(self.rates, rates={})

    def injects(self, kind: AnyFault, order_id: str, ordinal: str) -> bool:
        """Return whether *kind* is injected here, and record it; the same arguments give the same result."""
        if not self.draws(kind, order_id, ordinal):
            return False
        self.injected[kind] += 1
        self.latest.append(InjectedFault(kind, order_id.casefold(), ordinal))
        return True

    def draws(self, kind: AnyFault, order_id: str, ordinal: str) -> bool:
        """Return whether *kind* is drawn here, without a record."""
        rate = self.rates.rates.get(kind, 0.0)
        return bool(rate) and self._drawn(kind, order_id, ordinal) < rate

    def part(self, kind: AnyFault, order_id: str, ordinal: str) -> float:
        """Return which part of its longest delay a fault takes here, from 0 to below 1."""
        return self._drawn(f"{kind}.part", order_id, ordinal)

    def count(self, what: str, order_id: str) -> int:
        """Return how many times *what* has happened to the order, this time included."""
        self._seen[what, order_id.casefold()] += 1
        return self._seen[what, order_id.casefold()]

    def call(self, operation: OrderOperation, order_id: str) -> tuple[float, OperationFault | None]:
        """Return the seconds to delay the next call of *operation*, and its fault, if any."""
        if operation not in self.rates.operations or not self.rates.rates:
            return 0.0, None
        ordinal = f"{operation}.{self.count(operation, order_id)}"
        late = self.injects(FaultKind.LATENCY, order_id, ordinal)
        part = self.part(FaultKind.LATENCY, order_id, ordinal) if late else 0.0
        fault = next(
            (fault for kind, fault in CALL_FAULTS.items() if self.injects(kind, order_id, ordinal)),
            None,
        )
        return part * self.rates.latency_seconds, fault

    def _drawn(self, kind: str, order_id: str, ordinal: str) -> float:
        drawn = f"{self.rates.seed}\n{kind}\n{order_id.casefold()}\n{ordinal}".encode()
        return int.from_bytes(hashlib.sha256(drawn).digest()[:6]) / 2**48


def read_rates(written: Mapping[str, float]) -> dict[AnyFault, float]:
    """
    Return the rates by kind, or raise ``ValueError``.

    ``all`` is every kind that is not named, those of settlements excepted.
    """
    kinds: dict[str, AnyFault] = {each.value: each for each in (*FaultKind, *SettlementFault)}
    named = {name: rate for name, rate in written.items() if name != EVERY}
    for name, rate in written.items():
        if not 0 <= rate <= 1:
            raise ValueError(f"the rate of {name} lies from 0 to 1")
    if unknown := sorted(set(named) - set(kinds)):
        raise ValueError(f"no such fault: {', '.join(unknown)}; there are {', '.join(kinds)}")
    usual: dict[AnyFault, float] = (
        dict.fromkeys(FaultKind, written[EVERY]) if EVERY in written else {}
    )
    return usual | {kinds[name]: rate for name, rate in named.items()}
