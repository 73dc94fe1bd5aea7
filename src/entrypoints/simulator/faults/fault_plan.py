"""Inject faults into calls of the order API, as networks, CDNs and busy banks cause them."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, assert_never

from litestar import Response

from entrypoints.simulator.faults.call_faults import (
    HOLD_SECONDS_MAX,
    OperationFault,
    OrderOperation,
)
from entrypoints.simulator.faults.fault_schedule import FaultSchedule
from entrypoints.simulator.refusals import ApiRefusal, unauthorised, undocumented_refusal

BLOCKED_PAGE: Final = (
    "<!doctype html><html><head><title>Access denied</title></head>"
    "<body><h1>Error 1010</h1><p>The owner of this website has banned your access.</p></body></html>"
)
BROKEN_PAGE: Final = (
    "<!doctype html><html><head><title>500</title></head>"
    "<body><h1>Internal Server Error</h1></body></html>"
)
TIMED_OUT_PAGE: Final = BROKEN_PAGE.replace("500", "504").replace("Internal Server Error", "Time")


ApiAnswer = Response[bytes] | Response[str]


@dataclass(slots=True)
class FaultPlan:
    """Faults planned for the next calls, in order; when none is planned the schedule decides."""

    schedule: FaultSchedule

    _waiting: dict[OrderOperation, deque[tuple[OperationFault, float]]] = field(
        default_factory=lambda: {operation: deque() for operation in OrderOperation}
    )
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _late_may_go: asyncio.Event = field(default_factory=asyncio.Event)

    def plan(
        self, operation: OrderOperation, fault: OperationFault, times: int, hold_seconds: float
    ) -> None:
        held = min(hold_seconds, HOLD_SECONDS_MAX)
        self._waiting[operation].extend([(fault, held)] * times)

    def forget(self) -> None:
        """Cancel planned faults, and release every late answer."""
        for queue in self._waiting.values():
            queue.clear()
        self._late_may_go.set()
        self._late_may_go = asyncio.Event()

    def waiting(self, operation: OrderOperation) -> int:
        return len(self._waiting[operation])

    def close(self) -> None:
        """Release every held connection."""
        self._closing.set()
        self._late_may_go.set()

    async def answer(
        self, operation: OrderOperation, order_id: str, work: Callable[[], ApiAnswer]
    ) -> ApiAnswer:
        """Return the answer of *work*, unless a fault is planned or drawn for this call."""
        if self._waiting[operation]:
            fault, hold_seconds = self._waiting[operation].popleft()
            return await self._inject(fault, hold_seconds, work)
        seconds, drawn = self.schedule.call(operation, order_id)
        if seconds:
            await _wait(self._closing, seconds)
        if drawn is None:
            return work()
        return await self._inject(drawn, self.schedule.rates.hold_seconds, work)

    async def _inject(
        self, fault: OperationFault, hold_seconds: float, work: Callable[[], ApiAnswer]
    ) -> ApiAnswer:
        match fault:
            case OperationFault.HTTP_500:
                return _page(BROKEN_PAGE, 500)
            case OperationFault.HTML_403:
                return _page(BLOCKED_PAGE, 403)
            case OperationFault.RATE_LIMITED:
                raise undocumented_refusal(429, "Too many requests")
            case OperationFault.UNAUTHORISED:
                raise unauthorised("A fault was planned for this call")
            case OperationFault.TIMEOUT_BEFORE:
                return await self._hold(hold_seconds)
            case OperationFault.TIMEOUT_AFTER:
                with suppress(ApiRefusal):
                    work()
                return await self._hold(hold_seconds)
            case OperationFault.LATE:
                answer = work()
                await _wait(self._late_may_go, hold_seconds)
                return answer
            case _:
                assert_never(fault)

    async def _hold(self, seconds: float) -> ApiAnswer:
        await _wait(self._closing, seconds)
        return _page(TIMED_OUT_PAGE, 504)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _page(html: str, status: int) -> Response[str]:
    return Response(html, status_code=status, media_type="text/html")
