"""A guarded bank: reads are tried again, nothing else is, and a silent bank is left alone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from adapters.breaker.circuit import CircuitPolicy, CircuitState
from adapters.breaker.gateway import TRIES_MAX, GuardedGateway
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

SILENCES = 4
ORDER = new_order()


@dataclass
class House:
    """A fake bank behind its guard, with time and chance in the test's hand."""

    bank: FakeGateway = field(default_factory=FakeGateway)
    at: float = 100.0
    chance: float = 0.5
    paused: list[float] = field(default_factory=list)
    guard: GuardedGateway = field(init=False)

    def __post_init__(self) -> None:
        self.guard = GuardedGateway(
            gateway=self.bank,
            circuit_policy=CircuitPolicy(
                failure_threshold=SILENCES, open_for=timedelta(seconds=10)
            ),
            now=lambda: self.at,
            chance=lambda: self.chance,
            pause=self.pause,
        )

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.at += seconds

    async def open(self) -> object:
        return await self.guard.create_session(ORDER)

    async def read(self) -> OrderFacts:
        return await self.guard.read_order(ORDER.payment, STUDENT)

    async def fall_silent(self) -> None:
        """Make the bank silent on new sessions until it is left alone with them."""
        self.bank.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN, times=SILENCES)
        for _ in range(SILENCES):
            with pytest.raises(GatewayDown):
                await self.open()


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.UNCLEAR_BEFORE, Fault.UNCLEAR_AFTER])
@pytest.mark.parametrize("failures", [1, TRIES_MAX - 1])
async def test_a_read_is_tried_again(house: House, fault: Fault, failures: int) -> None:
    """
    A hiccup is not heard of further in; each pause is spread by chance and longer than the last.
    """
    house.bank.fail_next(GatewayOperation.READ_ORDER, fault, times=failures)

    assert Verdict.UNKNOWN_ORDER is (await house.read()).verdict
    assert house.paused == [0.125, 0.25][:failures]


async def test_a_read_is_not_tried_for_ever(house: House) -> None:
    """
    Three tries, then the trouble is told.
    """
    house.bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=TRIES_MAX)

    with pytest.raises(GatewayDown):
        await house.read()
    assert house.bank.calls == {GatewayOperation.READ_ORDER: TRIES_MAX}


async def test_a_slow_silence_is_not_waited_for_again(house: House) -> None:
    """
    A try that took its time-out is the last: nobody waits a multiple of it.
    """

    class Slow(FakeGateway):
        async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
            house.at += 30
            return await FakeGateway.read_order(self, payment, student)

    house = House(bank=Slow())
    house.bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await house.read()
    assert house.bank.calls == {GatewayOperation.READ_ORDER: 1}


@pytest.mark.parametrize(
    ("fault", "expected"), [(Fault.BUSY, GatewayBusy), (Fault.DENIED, GatewayDenied)]
)
async def test_who_asks_to_be_left_alone_is_not_asked_again(
    house: House, fault: Fault, expected: type[Exception]
) -> None:
    """
    Busy and denied are told at once.
    """
    house.bank.fail_next(GatewayOperation.READ_ORDER, fault)

    with pytest.raises(expected):
        await house.read()
    assert house.bank.calls == {GatewayOperation.READ_ORDER: 1}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.DOWN, GatewayDown),
        (Fault.BUSY, GatewayBusy),
        (Fault.UNCLEAR_BEFORE, GatewayOutcomeUnknown),
        (Fault.UNCLEAR_AFTER, GatewayOutcomeUnknown),
    ],
)
async def test_nothing_but_a_read_is_tried_again(
    house: House, fault: Fault, expected: type[Exception]
) -> None:
    """
    A session that may be open is asked for once; silence of any kind counts.
    """
    house.bank.fail_next(GatewayOperation.CREATE_SESSION, fault, times=SILENCES)
    for _ in range(SILENCES):
        with pytest.raises(expected):
            await house.open()

    assert (house.bank.calls, house.paused) == ({GatewayOperation.CREATE_SESSION: SILENCES}, [])
    assert CircuitState.OPEN is house.guard.states()[GatewayOperation.CREATE_SESSION]


@pytest.mark.parametrize(
    ("fault", "expected"), [(Fault.DENIED, GatewayDenied), (Fault.REFUSED, GatewayRefused)]
)
async def test_a_no_is_an_answer(house: House, fault: Fault, expected: type[Exception]) -> None:
    """
    A bank that denies or refuses is there.
    """
    house.bank.fail_next(GatewayOperation.CREATE_SESSION, fault, times=3 * SILENCES)
    for _ in range(3 * SILENCES):
        with pytest.raises(expected):
            await house.open()

    assert CircuitState.CLOSED is house.guard.states()[GatewayOperation.CREATE_SESSION]


async def test_a_refund_is_asked_for_once(house: House) -> None:
    """
    Silence counts; having heard of it before is an answer.
    """
    order = RefundOrder(
        payment=ORDER.payment, student=STUDENT, refund=RefundId("RF1"), amount=ORDER.amount
    )
    house.bank.fail_next(GatewayOperation.REFUND, Fault.REPEATED, times=2 * SILENCES)
    for _ in range(2 * SILENCES):
        with pytest.raises(GatewayDuplicate):
            await house.guard.refund(order)
    assert CircuitState.CLOSED is house.guard.states()[GatewayOperation.REFUND]

    house.bank.fail_next(GatewayOperation.REFUND, Fault.DOWN, times=SILENCES)
    for _ in range(SILENCES):
        with pytest.raises(GatewayDown):
            await house.guard.refund(order)
    assert CircuitState.OPEN is house.guard.states()[GatewayOperation.REFUND]
    assert house.bank.calls == {GatewayOperation.REFUND: 3 * SILENCES}


async def test_a_silent_bank_is_left_alone(house: House) -> None:
    """
    It is not asked while it openings, and whoever wanted to is told for how long.
    """
    await house.fall_silent()
    house.at += 1
    with pytest.raises(GatewaySuspended) as away:
        await house.open()

    assert away.value.retry_after == timedelta(seconds=6.5)
    assert house.guard.rest_of(GatewayOperation.CREATE_SESSION) == timedelta(seconds=6.5)
    assert house.bank.calls == {GatewayOperation.CREATE_SESSION: SILENCES}


async def test_one_operation_does_not_speak_for_another(house: House) -> None:
    """
    Where no session can be opened, orders can still be read.
    """
    await house.fall_silent()

    assert Verdict.UNKNOWN_ORDER is (await house.read()).verdict
    assert house.guard.rest_of(GatewayOperation.READ_ORDER) is None


async def test_a_read_stops_trying_when_its_circuit_opens(house: House) -> None:
    """
    The fourth silence is the second reader's first: they find the circuit open, and wait no more.
    """
    house.bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=100)
    with pytest.raises(GatewayDown):
        await house.read()
    with pytest.raises(GatewaySuspended):
        await house.read()

    assert house.bank.calls == {GatewayOperation.READ_ORDER: SILENCES}
    assert house.paused == [0.125, 0.25, 0.125]


async def test_after_its_rest_the_bank_is_asked_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """
    One silence more and it openings longer; one answer and all is as before. Each turn is on record.
    """
    await house.fall_silent()
    house.at += 8
    house.bank.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await house.open()
    assert house.guard.rest_of(GatewayOperation.CREATE_SESSION) == timedelta(seconds=15)

    house.at += 15
    caplog.set_level(logging.INFO)
    await house.open()
    await house.open()

    assert CircuitState.CLOSED is house.guard.states()[GatewayOperation.CREATE_SESSION]
    said = [(each.levelname, getattr(each, "needs_attention", None)) for each in caplog.records]
    assert said == [("ERROR", True), ("ERROR", False), ("WARNING", None)]
    assert {getattr(each, "step", None) for each in caplog.records} == {"create_session"}


@dataclass
class Held(FakeGateway):
    """Keeps each question until the test lets it go."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        self.held.set()
        await self.let_go.wait()
        return await FakeGateway.read_order(self, payment, student)


async def half_open() -> tuple[House, Held, Callable[[], Awaitable[OrderFacts]]]:
    bank = Held()
    house = House(bank=bank)
    bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY, times=SILENCES)
    bank.let_go.set()
    for _ in range(SILENCES):
        with pytest.raises(GatewayBusy):
            await house.read()
    bank.let_go.clear()
    bank.held.clear()
    house.at += 10
    return house, bank, house.read


async def test_only_one_finds_out_while_the_others_wait() -> None:
    """
    A hundred who come at once after a rest are one question to the bank.
    """
    house, bank, read = await half_open()
    first = asyncio.create_task(house.read())
    await bank.held.wait()
    others = await asyncio.gather(*(read() for _ in range(100)), return_exceptions=True)

    assert {type(other) for other in others} == {GatewaySuspended}
    assert house.guard.rest_of(GatewayOperation.READ_ORDER) == timedelta(seconds=1)
    bank.let_go.set()
    assert Verdict.UNKNOWN_ORDER is (await first).verdict
    assert Verdict.UNKNOWN_ORDER is (await read()).verdict


async def test_who_goes_away_does_not_keep_the_circuit_half_open() -> None:
    """
    A cancelled question proves nothing; the next one finds out.
    """
    house, bank, read = await half_open()
    first = asyncio.create_task(house.read())
    await bank.held.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    assert CircuitState.OPEN is house.guard.states()[GatewayOperation.READ_ORDER]
    bank.let_go.set()
    assert Verdict.UNKNOWN_ORDER is (await read()).verdict
    assert CircuitState.CLOSED is house.guard.states()[GatewayOperation.READ_ORDER]
