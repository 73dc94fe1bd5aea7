"""Callers at the same time share one read, and no answer is older than its call."""

import asyncio
from dataclasses import dataclass, field

import pytest

from application.order_status.read_order import ReadOrder
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment import GatewayOrder
from fakes.samples import ASHA, payment_id
from ports.payments.payment_gateway import GatewayDown, NewOrder, RefundOrder

ORDER, OTHER = payment_id(1), payment_id(2)


@dataclass(slots=True)
class SlowBank:
    """Answers when the test lets it, with the number of the question as its word."""

    asked: list[PaymentId] = field(default_factory=list)
    answers: list[asyncio.Future[None]] = field(default_factory=list)

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        raise AssertionError(f"nobody asks for the page of {order.payment} here")

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        assert student == ASHA.id
        number = len(self.asked)
        self.asked.append(payment)
        answer = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        await answer
        return OrderFacts(payment=payment, verdict=Verdict.CHARGED, word=str(number))

    async def refund(self, order: RefundOrder) -> OrderFacts:
        raise AssertionError(f"nobody gives {order.payment} back here")


@pytest.fixture
def bank() -> SlowBank:
    return SlowBank()


@pytest.fixture
def read(bank: SlowBank) -> ReadOrder:
    return ReadOrder(bank)


async def test_callers_at_once_share_one_read(bank: SlowBank, read: ReadOrder) -> None:
    """
    Five callers, one call of the bank.
    """
    askers = await _ask(read, 5)
    assert bank.asked == [ORDER]

    bank.answers[0].set_result(None)

    assert {facts.word for facts in await asyncio.gather(*askers)} == {"0"}


async def test_an_answer_is_never_older_than_its_call(bank: SlowBank, read: ReadOrder) -> None:
    """
    Who comes while a read is running waits for the next one, all of them for the same.
    """
    first = await _ask(read)
    late = await _ask(read, 3)
    assert bank.asked == [ORDER]

    bank.answers[0].set_result(None)
    assert (await first[0]).word == "0"
    await _turns()
    assert bank.asked == [ORDER, ORDER]
    latest = await _ask(read)
    bank.answers[1].set_result(None)

    assert {facts.word for facts in await asyncio.gather(*late)} == {"1"}
    await _turns()
    bank.answers[2].set_result(None)
    assert (await latest[0]).word == "2"


async def test_orders_do_not_wait_for_each_other(bank: SlowBank, read: ReadOrder) -> None:
    """
    Another order is read at once.
    """
    await _ask(read)
    other = asyncio.create_task(read(OTHER, ASHA.id))
    await _turns()
    assert bank.asked == [ORDER, OTHER]

    bank.answers[1].set_result(None)

    assert (await other).payment == OTHER


async def test_a_cancelled_caller_does_not_cancel_the_read(bank: SlowBank, read: ReadOrder) -> None:
    """
    One browser was closed; the other caller gets the answer.
    """
    gone, stays = await _ask(read, 2)
    gone.cancel()
    await _turns()

    bank.answers[0].set_result(None)

    assert (await stays).word == "0"
    assert gone.cancelled()


async def test_a_failure_is_raised_to_all_and_not_kept(bank: SlowBank, read: ReadOrder) -> None:
    """
    All callers of a failed read get the error; the next read is a new one, also one that waited.
    """
    first = await _ask(read, 2)
    waiting = await _ask(read)
    bank.answers[0].set_exception(GatewayDown("no answer"))

    outcomes = await asyncio.gather(*first, return_exceptions=True)
    assert [type(each) for each in outcomes] == [GatewayDown, GatewayDown]
    await _turns()
    bank.answers[1].set_result(None)

    assert (await waiting[0]).word == "1"


async def test_a_failure_nobody_waits_for_is_quiet(bank: SlowBank, read: ReadOrder) -> None:
    """
    All callers were cancelled before the failure: asyncio has no exception to warn of.
    """
    (gone,) = await _ask(read)
    gone.cancel()
    await _turns()

    bank.answers[0].set_exception(GatewayDown("no answer"))
    await _turns()

    again = await _ask(read)
    bank.answers[1].set_result(None)
    assert (await again[0]).word == "1"


async def test_a_read_that_is_stopped_leaves_no_trace(bank: SlowBank, read: ReadOrder) -> None:
    """
    The process stops during the call: callers are cancelled, nothing hangs.
    """
    (asker,) = await _ask(read)
    bank.answers[0].cancel()

    with pytest.raises(asyncio.CancelledError):
        await asker

    again = await _ask(read)
    bank.answers[1].set_result(None)
    assert (await again[0]).word == "1"


async def _ask(read: ReadOrder, askers: int = 1) -> list[asyncio.Task[OrderFacts]]:
    tasks = [asyncio.create_task(read(ORDER, ASHA.id)) for _ in range(askers)]
    await _turns()
    return tasks


async def _turns() -> None:
    """Let every task go as far as it can; the bank answers only when told."""
    for _ in range(10):
        await asyncio.sleep(0)
