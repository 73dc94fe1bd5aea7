"""The circuit breaker around a gateway: reads are retried, nothing else is, and failures suspend calls."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from adapters.breaker.circuit import CircuitPolicy, CircuitState
from adapters.breaker.gateway import TRIES_MAX, CircuitBreakerGateway
from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Fault
from contracts.payments.gateway_unattended_contract import STUDENT, new_order
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.payments.order_facts import OrderFacts, Verdict
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    GatewaySuspended,
    RefundOrder,
)

THRESHOLD = 4
ORDER = new_order()


@dataclass
class SuspendableBank:
    """A fake bank behind a circuit breaker, with time and chance set by the test."""

    bank: FakeGateway = field(default_factory=FakeGateway)
    at: float = 100.0
    chance: float = 0.5
    paused: list[float] = field(default_factory=list)
    guard: CircuitBreakerGateway = field(init=False)

    def __post_init__(self) -> None:
        self.guard = CircuitBreakerGateway(
            gateway=self.bank,
            circuit_policy=CircuitPolicy(
                failure_threshold=THRESHOLD, open_for=timedelta(seconds=10)
            ),
            now=lambda: self.at,
            chance=lambda: self.chance,
            pause=self.pause,
        )

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.at += seconds

    async def create(self) -> object:
        return await self.guard.create_session(ORDER)

    async def read(self) -> OrderFacts:
        return await self.guard.read_order(ORDER.payment, STUDENT)

    async def open_circuit(self) -> None:
        """Make new sessions fail until their circuit is open."""
        self.bank.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN, times=THRESHOLD)
        for _ in range(THRESHOLD):
            with pytest.raises(GatewayDown):
                await self.create()


@pytest.fixture
def world() -> SuspendableBank:
    return SuspendableBank()


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOST_REQUEST, Fault.LOST_ANSWER])
@pytest.mark.parametrize("failures", [1, TRIES_MAX - 1])
async def test_a_read_is_retried(world: SuspendableBank, fault: Fault, failures: int) -> None:
    """
    A short failure is hidden from the caller; each pause is spread by chance and longer than the last.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, fault, times=failures)

    assert Verdict.UNKNOWN_ORDER is (await world.read()).verdict
    assert world.paused == [0.125, 0.25][:failures]


async def test_a_read_is_not_retried_for_ever(world: SuspendableBank) -> None:
    """
    Three tries, then the failure is raised.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=TRIES_MAX)

    with pytest.raises(GatewayDown):
        await world.read()
    assert world.bank.calls == {GatewayOperation.READ_ORDER: TRIES_MAX}


async def test_a_slow_failure_is_not_retried(world: SuspendableBank) -> None:
    """
    A try that took its time-out is the last: nobody waits a multiple of it.
    """

    class Slow(FakeGateway):
        async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
            world.at += 30
            return await FakeGateway.read_order(self, payment, student)

    world = SuspendableBank(bank=Slow())
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await world.read()
    assert world.bank.calls == {GatewayOperation.READ_ORDER: 1}


@pytest.mark.parametrize(
    ("fault", "expected"), [(Fault.BUSY, GatewayBusy), (Fault.DENIED, GatewayDenied)]
)
async def test_a_bank_that_is_busy_or_denies_is_not_retried(
    world: SuspendableBank, fault: Fault, expected: type[Exception]
) -> None:
    """
    Busy and denied are raised at once.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, fault)

    with pytest.raises(expected):
        await world.read()
    assert world.bank.calls == {GatewayOperation.READ_ORDER: 1}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.DOWN, GatewayDown),
        (Fault.BUSY, GatewayBusy),
        (Fault.LOST_REQUEST, GatewayOutcomeUnknown),
        (Fault.LOST_ANSWER, GatewayOutcomeUnknown),
    ],
)
async def test_nothing_but_a_read_is_retried(
    world: SuspendableBank, fault: Fault, expected: type[Exception]
) -> None:
    """
    A session that may exist is requested once; every kind of failure counts.
    """
    world.bank.fail_next(GatewayOperation.CREATE_SESSION, fault, times=THRESHOLD)
    for _ in range(THRESHOLD):
        with pytest.raises(expected):
            await world.create()

    assert (world.bank.calls, world.paused) == ({GatewayOperation.CREATE_SESSION: THRESHOLD}, [])
    assert CircuitState.OPEN is world.guard.states()[GatewayOperation.CREATE_SESSION]


@pytest.mark.parametrize(
    ("fault", "expected"), [(Fault.DENIED, GatewayDenied), (Fault.REFUSED, GatewayRefused)]
)
async def test_a_refusal_is_an_answer(
    world: SuspendableBank, fault: Fault, expected: type[Exception]
) -> None:
    """
    A bank that denies or refuses does answer.
    """
    world.bank.fail_next(GatewayOperation.CREATE_SESSION, fault, times=3 * THRESHOLD)
    for _ in range(3 * THRESHOLD):
        with pytest.raises(expected):
            await world.create()

    assert CircuitState.CLOSED is world.guard.states()[GatewayOperation.CREATE_SESSION]


async def test_a_refund_is_requested_once(world: SuspendableBank) -> None:
    """
    Failures count; a duplicate is an answer.
    """
    order = RefundOrder(
        payment=ORDER.payment, student=STUDENT, refund=RefundId("RF1"), amount=ORDER.amount
    )
    world.bank.fail_next(GatewayOperation.REFUND, Fault.DUPLICATE, times=2 * THRESHOLD)
    for _ in range(2 * THRESHOLD):
        with pytest.raises(GatewayDuplicate):
            await world.guard.refund(order)
    assert CircuitState.CLOSED is world.guard.states()[GatewayOperation.REFUND]

    world.bank.fail_next(GatewayOperation.REFUND, Fault.DOWN, times=THRESHOLD)
    for _ in range(THRESHOLD):
        with pytest.raises(GatewayDown):
            await world.guard.refund(order)
    assert CircuitState.OPEN is world.guard.states()[GatewayOperation.REFUND]
    assert world.bank.calls == {GatewayOperation.REFUND: 3 * THRESHOLD}


async def test_calls_are_suspended_when_the_bank_does_not_answer(world: SuspendableBank) -> None:
    """
    No call reaches it while the circuit is open, and the caller is told for how long.
    """
    await world.open_circuit()
    world.at += 1
    with pytest.raises(GatewaySuspended) as away:
        await world.create()

    assert away.value.retry_after == timedelta(seconds=6.5)
    assert world.guard.suspended_for(GatewayOperation.CREATE_SESSION) == timedelta(seconds=6.5)
    assert world.bank.calls == {GatewayOperation.CREATE_SESSION: THRESHOLD}


async def test_each_operation_has_its_own_circuit(world: SuspendableBank) -> None:
    """
    While new sessions are suspended, orders can still be read.
    """
    await world.open_circuit()

    assert Verdict.UNKNOWN_ORDER is (await world.read()).verdict
    assert world.guard.suspended_for(GatewayOperation.READ_ORDER) is None


async def test_a_read_stops_trying_when_its_circuit_opens(world: SuspendableBank) -> None:
    """
    The fourth failure is the second reader's first: they find the circuit open, and stop.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=100)
    with pytest.raises(GatewayDown):
        await world.read()
    with pytest.raises(GatewaySuspended):
        await world.read()

    assert world.bank.calls == {GatewayOperation.READ_ORDER: THRESHOLD}
    assert world.paused == [0.125, 0.25, 0.125]


async def test_after_the_open_time_the_bank_is_called_again(
    world: SuspendableBank, caplog: pytest.LogCaptureFixture
) -> None:
    """
    One more failure opens it for longer; one success closes it. Each change of state is logged.
    """
    await world.open_circuit()
    world.at += 8
    world.bank.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await world.create()
    assert world.guard.suspended_for(GatewayOperation.CREATE_SESSION) == timedelta(seconds=15)

    world.at += 15
    caplog.set_level(logging.INFO)
    await world.create()
    await world.create()

    assert CircuitState.CLOSED is world.guard.states()[GatewayOperation.CREATE_SESSION]
    said = [(each.levelname, getattr(each, "needs_attention", None)) for each in caplog.records]
    assert said == [("ERROR", True), ("ERROR", False), ("WARNING", None)]
    assert {getattr(each, "step", None) for each in caplog.records} == {"create_session"}


@dataclass
class Held(FakeGateway):
    """Keeps each call until the test lets it go."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        self.held.set()
        await self.let_go.wait()
        return await FakeGateway.read_order(self, payment, student)


async def half_open() -> tuple[SuspendableBank, Held, Callable[[], Awaitable[OrderFacts]]]:
    bank = Held()
    world = SuspendableBank(bank=bank)
    bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY, times=THRESHOLD)
    bank.let_go.set()
    for _ in range(THRESHOLD):
        with pytest.raises(GatewayBusy):
            await world.read()
    bank.let_go.clear()
    bank.held.clear()
    world.at += 10
    return world, bank, world.read


async def test_there_is_only_one_trial_call() -> None:
    """
    A hundred callers at once after the open time are one call to the bank.
    """
    world, bank, read = await half_open()
    first = asyncio.create_task(world.read())
    await bank.held.wait()
    others = await asyncio.gather(*(read() for _ in range(100)), return_exceptions=True)

    assert {type(other) for other in others} == {GatewaySuspended}
    assert world.guard.suspended_for(GatewayOperation.READ_ORDER) == timedelta(seconds=1)
    bank.let_go.set()
    assert Verdict.UNKNOWN_ORDER is (await first).verdict
    assert Verdict.UNKNOWN_ORDER is (await read()).verdict


async def test_a_cancelled_call_does_not_keep_the_circuit_half_open() -> None:
    """
    A cancelled call proves nothing; the next one is the trial call.
    """
    world, bank, read = await half_open()
    first = asyncio.create_task(world.read())
    await bank.held.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    assert CircuitState.OPEN is world.guard.states()[GatewayOperation.READ_ORDER]
    bank.let_go.set()
    assert Verdict.UNKNOWN_ORDER is (await read()).verdict
    assert CircuitState.CLOSED is world.guard.states()[GatewayOperation.READ_ORDER]
