"""A payment gateway with retries of reads and a circuit breaker for each operation."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from adapters.breaker.circuit import Circuit, CircuitEvent, CircuitPolicy, CircuitState
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder
from ports.monitoring.gateway_calls import CallResult
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewaySuspended,
    NewOrder,
    PaymentGateway,
    RefundOrder,
)

TRIES_MAX: Final = 3
FIRST_PAUSE_SECONDS_MAX: Final = 0.25
"""The longest pause before the second try; twice as long before the third. Chance decides how much of it is used."""

LAST_TRY_BEGINS_WITHIN_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 1.0
"""How long other callers are told to wait during a trial call."""

SLOWED_SECONDS: Final = 2.0
SLOWED_SECONDS_MAX: Final = 300.0
SLOWED_MAX: Final = 10_000
"""How many payments are remembered; the longest known is forgotten first, and may be asked about again."""

Result = TypeVar("Result")

log = logging.getLogger(__name__)


def _unobserved(operation: GatewayOperation, result: CallResult, milliseconds: int) -> None:
    """Count nothing: for a gateway that nobody watches."""


NOT_MADE: Final = "suspended"
"""How a call ended that was not made, because the bank had been silent or had asked to slow down."""

Tell = Callable[[str], None]
Watch = Callable[[str], AbstractContextManager[Tell]]
"""Is given an operation, and returns what the call is made within; that yields what is told how the call ended."""


def _unwatched(_operation: str) -> AbstractContextManager[Tell]:
    return nullcontext(lambda _result: None)


@dataclass(frozen=True, slots=True)
class Slowed:
    """The bank asked *times* in a row to slow down; nothing is asked until then, in monotonic seconds."""

    until: float
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreakerGateway:
    """
    One circuit per operation, in each process.

    ``GatewayDown`` and ``GatewayOutcomeUnknown`` are failures of the circuit. ``GatewayBusy``, ``GatewayDenied``,
    ``GatewayRefused`` and ``GatewayDuplicate`` are answers, so they count as successes.

    After ``GatewayBusy`` (the bank's 429) calls about the same payment wait: they raise it at once. Calls about
    other payments go on: a bank that slows one student down has not stopped answering the others.

    Only reads are retried, since they change nothing. *now* gives monotonic seconds, *chance* a number from 0 to 1.
    """

    gateway: PaymentGateway
    circuit_policy: CircuitPolicy
    now: Callable[[], float]
    chance: Callable[[], float]
    pause: Callable[[float], Awaitable[None]]
    observe: Callable[[GatewayOperation, CallResult, int], None] = _unobserved
    """Is told of each call that was made: how it ended, and how many milliseconds it took."""

    watch: Watch = _unwatched

    _slowed: dict[PaymentId, Slowed] = field(default_factory=dict)
    _circuits: dict[GatewayOperation, Circuit] = field(
        default_factory=lambda: {operation: Circuit() for operation in GatewayOperation}
    )

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        return await self._call(
            GatewayOperation.CREATE_SESSION,
            order.payment,
            lambda: self.gateway.create_session(order),
        )

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        return await self._retrying(
            GatewayOperation.READ_ORDER,
            payment,
            lambda: self.gateway.read_order(payment, student),
        )

    async def refund(self, order: RefundOrder) -> OrderFacts:
        return await self._call(
            GatewayOperation.REFUND, order.payment, lambda: self.gateway.refund(order)
        )

    def suspended_for(self, operation: GatewayOperation) -> timedelta | None:
        """Return how long calls of *operation* are suspended, None when they are not."""
        left = self._circuits[operation].wait_seconds(self.now(), PROBE_SECONDS)
        return None if left is None else timedelta(seconds=left)

    def states(self) -> Mapping[GatewayOperation, CircuitState]:
        return {operation: circuit.state for operation, circuit in self._circuits.items()}

    async def _retrying(
        self,
        operation: GatewayOperation,
        payment: PaymentId,
        call: Callable[[], Awaitable[Result]],
    ) -> Result:
        last_begins = self.now() + LAST_TRY_BEGINS_WITHIN_SECONDS
        pause_max = FIRST_PAUSE_SECONDS_MAX
        for _ in range(TRIES_MAX - 1):
            try:
                return await self._call(operation, payment, call)
            except GatewaySuspended:
                raise
            except GatewayDown:
                pause = self.chance() * pause_max
                if self.now() + pause > last_begins:
                    raise
            await self.pause(pause)
            pause_max *= 2
        return await self._call(operation, payment, call)

    async def _call(
        self,
        operation: GatewayOperation,
        payment: PaymentId,
        call: Callable[[], Awaitable[Result]],
    ) -> Result:
        with self.watch(operation.value) as tell:
            try:
                self._check_slowed(payment)
                generation = self._begin(operation)
            except GatewayFailure:
                tell(NOT_MADE)
                raise
            return await self._made(operation, payment, call, generation, tell)

    async def _made(
        self,
        operation: GatewayOperation,
        payment: PaymentId,
        call: Callable[[], Awaitable[Result]],
        generation: int,
        tell: Tell,
    ) -> Result:
        event = CircuitEvent.CANCELLED
        begun, result = self.now(), CallResult.ANSWERED
        try:
            answer = await call()
            event = CircuitEvent.SUCCESS
            self._slowed.pop(payment, None)
        except GatewayBusy as busy:
            event, result = CircuitEvent.SUCCESS, CallResult.BUSY
            self._slow_down(operation, payment, busy.retry_after)
            raise
        except GatewayDuplicate:
            event, result = CircuitEvent.SUCCESS, CallResult.REFUSED
            raise
        except (GatewayDown, GatewayOutcomeUnknown) as failure:
            event = CircuitEvent.FAILURE
            down = isinstance(failure, GatewayDown)
            result = CallResult.SILENT if down else CallResult.UNCLEAR
            raise
        except GatewayFailure as failure:
            event = CircuitEvent.SUCCESS
            denied = isinstance(failure, GatewayDenied)
            result = CallResult.DENIED if denied else CallResult.REFUSED
            raise
        finally:
            if event is not CircuitEvent.CANCELLED:
                self.observe(operation, result, round((self.now() - begun) * 1000))
                tell(result.value)
            self._end(operation, generation, event)
        return answer

    def _check_slowed(self, payment: PaymentId) -> None:
        slowed = self._slowed.get(payment)
        if slowed is not None and (left := slowed.until - self.now()) > 0:
            raise GatewayBusy(retry_after=timedelta(seconds=left))

    def _slow_down(
        self, operation: GatewayOperation, payment: PaymentId, asked: timedelta | None
    ) -> None:
        """Let calls about *payment* wait for as long as the bank *asked*, doubled each time without a word of it."""
        before = self._slowed.pop(payment, None)
        times = before.times + 1 if before else 1
        usual = min(SLOWED_SECONDS * (1 << min(times - 1, 16)), SLOWED_SECONDS_MAX)
        wait = min(asked.total_seconds(), SLOWED_SECONDS_MAX) if asked is not None else usual
        if len(self._slowed) >= SLOWED_MAX:
            del self._slowed[next(iter(self._slowed))]
        self._slowed[payment] = Slowed(self.now() + wait, times)
        log.warning(
            "gateway.busy",
            extra={"step": operation.value, "payment": payment, "seconds": round(wait, 1)},
        )

    def _begin(self, operation: GatewayOperation) -> int:
        wait = self.suspended_for(operation)
        if wait is not None:
            raise GatewaySuspended(wait)
        circuit = self._circuits[operation] = self._circuits[operation].begin_call()
        return circuit.generation

    def _end(self, operation: GatewayOperation, generation: int, event: CircuitEvent) -> None:
        before = self._circuits[operation]
        after = self._circuits[operation] = before.after(
            event,
            generation=generation,
            at=self.now(),
            circuit_policy=self.circuit_policy,
            chance=self.chance(),
        )
        if after.state is before.state:
            return
        logged: dict[str, object] = {"step": operation.value, "state": after.state.value}
        if after.state is CircuitState.CLOSED:
            log.warning("gateway.resumed", extra=logged)
        elif event is CircuitEvent.FAILURE:
            logged |= {"count": after.openings, "seconds": round(after.open_until - self.now(), 1)}
            log.error(
                "gateway.suspended",
                extra=logged | {"needs_attention": before.state is CircuitState.CLOSED},
            )
