"""Any payment gateway, asked again where that is harmless, and left alone where it does not answer."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from adapters.breaker.circuit import Circuit, CircuitEvent, CircuitPolicy, CircuitState
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder
from ports.payments.payment_gateway import (
    GatewayBusy,
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
"""Before the second try; twice as much before the third. Chance decides how much of it."""

LAST_TRY_BEGINS_WITHIN_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 1.0
"""How long others are told to wait while one question finds out whether the bank is back."""

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedGateway:
    """
    One circuit per operation, kept by each process for itself.

    A bank is silent when it is down, busy or its answer unclear; denying, refusing and having heard
    it before are answers.
    Only reads are tried again, since only they change nothing. *now* gives seconds that never go
    back, *chance* a number from 0 to 1.
    """

    gateway: PaymentGateway
    circuit_policy: CircuitPolicy
    now: Callable[[], float]
    chance: Callable[[], float]
    pause: Callable[[float], Awaitable[None]]
    _circuits: dict[GatewayOperation, Circuit] = field(
        default_factory=lambda: {operation: Circuit() for operation in GatewayOperation}
    )

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        return await self._ask(
            GatewayOperation.CREATE_SESSION, lambda: self.gateway.create_session(order)
        )

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        return await self._ask_again(
            GatewayOperation.READ_ORDER, lambda: self.gateway.read_order(payment, student)
        )

    async def refund(self, order: RefundOrder) -> OrderFacts:
        return await self._ask(GatewayOperation.REFUND, lambda: self.gateway.refund(order))

    def rest_of(self, operation: GatewayOperation) -> timedelta | None:
        """Return how long *operation* is not worth asking for, None when it is."""
        left = self._circuits[operation].wait_seconds(self.now(), PROBE_SECONDS)
        return None if left is None else timedelta(seconds=left)

    def states(self) -> Mapping[GatewayOperation, CircuitState]:
        return {operation: circuit.state for operation, circuit in self._circuits.items()}

    async def _ask_again(
        self, operation: GatewayOperation, question: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        last_begins = self.now() + LAST_TRY_BEGINS_WITHIN_SECONDS
        pause_max = FIRST_PAUSE_SECONDS_MAX
        for _ in range(TRIES_MAX - 1):
            try:
                return await self._ask(operation, question)
            except GatewaySuspended:
                raise
            except GatewayDown:
                pause = self.chance() * pause_max
                if self.now() + pause > last_begins:
                    raise
            await self.pause(pause)
            pause_max *= 2
        return await self._ask(operation, question)

    async def _ask(
        self, operation: GatewayOperation, question: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        turn, event = self._begin(operation), CircuitEvent.ABANDONED
        try:
            answer = await question()
            event = CircuitEvent.ANSWERED
        except GatewayDuplicate:
            event = CircuitEvent.ANSWERED
            raise
        except (GatewayDown, GatewayBusy, GatewayOutcomeUnknown):
            event = CircuitEvent.SILENT
            raise
        except GatewayFailure:
            event = CircuitEvent.ANSWERED
            raise
        finally:
            self._end(operation, turn, event)
        return answer

    def _begin(self, operation: GatewayOperation) -> int:
        left = self.rest_of(operation)
        if left is not None:
            raise GatewaySuspended(left)
        circuit = self._circuits[operation] = self._circuits[operation].asking()
        return circuit.turn

    def _end(self, operation: GatewayOperation, turn: int, event: CircuitEvent) -> None:
        before = self._circuits[operation]
        after = self._circuits[operation] = before.after(
            event,
            turn=turn,
            at=self.now(),
            circuit_policy=self.circuit_policy,
            chance=self.chance(),
        )
        if after.state is before.state:
            return
        said: dict[str, object] = {"step": operation.value, "state": after.state.value}
        if after.state is CircuitState.CLOSED:
            log.warning("gateway.resumed", extra=said)
        elif event is CircuitEvent.SILENT:
            said |= {"count": after.openings, "seconds": round(after.open_until - self.now(), 1)}
            log.error(
                "gateway.suspended",
                extra=said | {"needs_attention": before.state is CircuitState.CLOSED},
            )
