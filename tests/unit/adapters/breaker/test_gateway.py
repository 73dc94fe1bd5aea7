"""The circuit breaker around a gateway: reads are retried, nothing else is, and failures suspend calls."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from adapters.breaker.circuit import CircuitPolicy, CircuitState
from adapters.breaker.gateway import SLOWED_MAX, TRIES_MAX, CircuitBreakerGateway
from adapters.fake.gateway import FakeGateway
from adapters.fake.script import BUSY_FOR, Fault
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.payments.order_facts import OrderFacts, Verdict
from entrypoints.operations.gateway_contract.unattended_contract import STUDENT, new_order
from fakes.samples import payment_id
from ports.monitoring.gateway_calls import CallResult
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
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
    observed: list[tuple[str, str, int]] = field(default_factory=list)
    watched: list[tuple[str, str]] = field(default_factory=list)
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
            observe=lambda *call: self.observed.append(call),
            watch=self.watch,
        )

    @contextmanager
    def watch(self, operation: str) -> Iterator[Callable[[str], None]]:
        """Note each call within this, with what it was told of its end."""
        told = ["cancelled"]
        try:
            yield told.append
        finally:
            self.watched.append((operation, told[-1]))

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
    bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=THRESHOLD)
    bank.let_go.set()
    for _ in range(THRESHOLD):
        with pytest.raises(GatewayDown):
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


async def test_a_bank_that_slows_one_payment_down_answers_the_others(
    world: SuspendableBank,
) -> None:
    """
    Its 429 is an answer: however many come, no circuit opens, and calls about other payments are made.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY, times=THRESHOLD * 5)
    for number in range(THRESHOLD * 5):
        with pytest.raises(GatewayBusy):
            await world.guard.read_order(payment_id(number), STUDENT)

    assert world.guard.suspended_for(GatewayOperation.READ_ORDER) is None
    assert Verdict.UNKNOWN_ORDER is (await world.read()).verdict


async def test_a_slowed_payment_waits_as_long_as_the_bank_says(world: SuspendableBank) -> None:
    """
    Meanwhile nobody asks about it again, by whichever call, and is told how long to wait.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY)
    with pytest.raises(GatewayBusy):
        await world.read()
    for call in (world.read, world.create):
        with pytest.raises(GatewayBusy) as busy:
            await call()
        assert busy.value.retry_after == BUSY_FOR
    assert world.bank.calls == {GatewayOperation.READ_ORDER: 1}

    world.at += BUSY_FOR.total_seconds()
    assert Verdict.UNKNOWN_ORDER is (await world.read()).verdict
    assert world.bank.calls == {GatewayOperation.READ_ORDER: 2}


@dataclass
class Silently(FakeGateway):
    """A bank that answers 429 and does not say for how long."""

    busy: int = 0
    wait: timedelta | None = None

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        if self.busy:
            self.busy -= 1
            raise GatewayBusy(retry_after=self.wait)
        return await FakeGateway.read_order(self, payment, student)


async def waits_of(world: SuspendableBank, times: int) -> list[float]:
    """Return how long each of *times* calls that are answered with 429 makes the next one wait."""
    waits = []
    for _ in range(times):
        with pytest.raises(GatewayBusy):
            await world.read()
        with pytest.raises(GatewayBusy) as told:
            await world.read()
        assert told.value.retry_after is not None
        waits.append(told.value.retry_after.total_seconds())
        world.at += waits[-1]
    return waits


async def test_without_a_word_of_the_bank_the_wait_grows() -> None:
    """
    Doubled each time up to five minutes; after an answer it begins anew.
    """
    bank = Silently(busy=10)
    world = SuspendableBank(bank=bank)
    assert await waits_of(world, 10) == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    await world.read()
    bank.busy = 1

    assert await waits_of(world, 1) == [2]


async def test_a_wait_is_bounded() -> None:
    """
    A day, or a moment in the past, is not what a student can be told.
    """
    bank = Silently(busy=1, wait=timedelta(days=1))
    assert await waits_of(SuspendableBank(bank=bank), 1) == [300]


async def test_only_so_many_payments_are_remembered(world: SuspendableBank) -> None:
    """
    A bank that is busy for everybody does not fill our memory.
    """
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY, times=SLOWED_MAX + 1)
    for number in range(SLOWED_MAX + 1):
        with pytest.raises(GatewayBusy):
            await world.guard.read_order(payment_id(number), STUDENT)

    assert len(world.guard._slowed) == SLOWED_MAX


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (None, CallResult.ANSWERED),
        (Fault.DOWN, CallResult.SILENT),
        (Fault.LOST_ANSWER, CallResult.UNCLEAR),
        (Fault.BUSY, CallResult.BUSY),
        (Fault.DENIED, CallResult.DENIED),
        (Fault.REFUSED, CallResult.REFUSED),
    ],
)
async def test_each_call_is_observed(
    world: SuspendableBank, fault: Fault | None, result: CallResult
) -> None:
    """
    With how it ended.
    """
    if fault is not None:
        world.bank.fail_next(GatewayOperation.CREATE_SESSION, fault)
    with suppress(GatewayFailure):
        await world.create()

    assert world.observed == [(GatewayOperation.CREATE_SESSION, result, 0)]


async def test_a_call_that_is_not_made_is_not_observed(world: SuspendableBank) -> None:
    """
    A suspended operation says nothing of the bank.
    """
    await world.open_circuit()
    with pytest.raises(GatewaySuspended):
        await world.create()

    assert len(world.observed) == THRESHOLD


async def test_each_call_is_made_within_its_watch(world: SuspendableBank) -> None:
    """
    It is told how the call ended, and of calls that were not made.
    """
    await world.read()
    await world.open_circuit()
    with pytest.raises(GatewaySuspended):
        await world.create()
    world.bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY)
    for _ in range(2):
        with pytest.raises(GatewayBusy):
            await world.read()

    assert world.watched == [
        ("read_order", "answered"),
        *[("create_session", "silent")] * THRESHOLD,
        ("create_session", "suspended"),
        ("read_order", "busy"),
        ("read_order", "suspended"),
    ]


async def test_a_call_that_is_cancelled_tells_nothing(world: SuspendableBank) -> None:
    """
    How it ended is not known.
    """
    world.guard = replace(world.guard, gateway=Silent())  # type: ignore[arg-type]  # one method alone
    running = asyncio.create_task(world.guard.read_order(ORDER.payment, STUDENT))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert world.watched == [("read_order", "cancelled")]


class Silent:
    """A bank that never answers."""

    async def read_order(self, *_asked: object) -> None:
        await asyncio.Event().wait()
