"""The calls to the bank, counted by operation, result and duration: what tells a slow bank from a silent one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.monitoring.time_histogram import P95, quantile
from ports.payments.payment_gateway import GatewayOperation


class CallResult(StrEnum):
    ANSWERED = "answered"
    REFUSED = "refused"
    """The bank calls the request invalid, or knows it already."""

    DENIED = "denied"
    BUSY = "busy"
    UNCLEAR = "unclear"
    """Whether it took effect is not known."""

    SILENT = "silent"


@dataclass(frozen=True, slots=True, order=True)
class TimedCall:
    """*step* is that of its milliseconds in ``domain/monitoring/time_histogram.py``."""

    operation: GatewayOperation
    result: CallResult
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFigures:
    """*results* counts calls by their result, *times* by the step of their milliseconds."""

    operation: GatewayOperation
    results: Mapping[CallResult, int] = field(default_factory=dict)
    times: Mapping[int, int] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return sum(self.results.values())

    @property
    def in_vain(self) -> int:
        """How many got no answer that means anything: silence, or an unclear one."""
        return self.results.get(CallResult.SILENT, 0) + self.results.get(CallResult.UNCLEAR, 0)

    @property
    def p95(self) -> timedelta | None:
        """How long 95 of 100 calls took at most; None without a call."""
        milliseconds = quantile(self.times, P95)
        return None if milliseconds is None else timedelta(milliseconds=milliseconds)


class GatewayCalls(Protocol):
    async def add(self, calls: Mapping[TimedCall, int], at: datetime) -> None:
        """Add *calls* that a process made up to the instant *at* (UTC). Raises ``StorageUnavailable``."""
        ...

    async def figures(self, since: datetime, until: datetime) -> Sequence[OperationFigures]:
        """Return the figures of each operation in the quarters of an hour from *since* to *until* (UTC)."""
        ...
