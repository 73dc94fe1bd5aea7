"""A refresh goes on when its caller has stopped waiting."""

import asyncio
import logging
from datetime import timedelta

import pytest

from adapters.fake.script import Fault
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from fakes.samples import ASHA, BY_STATUS
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.memory import MemoryWorld

READ = GatewayOperation.READ_ORDER
IMPATIENT = timedelta(0)


@pytest.fixture
async def paid(world: MemoryWorld) -> Payment:
    """A payment that the bank has charged and we have not heard of."""
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    return payment


async def test_an_answer_in_time_is_applied(world: MemoryWorld, paid: Payment) -> None:
    """
    And the caller gets True.
    """
    assert await world.refresh_order(paid.id, ASHA.id, BY_STATUS)

    assert world.payment(paid.id).state is State.SUCCESS


async def test_trouble_at_the_bank_is_logged_and_no_error(
    world: MemoryWorld, paid: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    """
    With the payment, the kind of trouble and who asked.
    """
    world.gateway.fail_next(READ, Fault.DOWN)

    assert not await world.refresh_order(paid.id, ASHA.id, BY_STATUS)

    assert world.payment(paid.id).state is State.PENDING
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    assert (paid.id, "GatewayDown", "status") == (
        line.__dict__["payment"],
        line.__dict__["trouble"],
        line.__dict__["source"],
    )


async def test_after_the_patience_the_refresh_goes_on(world: MemoryWorld, paid: Payment) -> None:
    """
    The answer comes later and is applied all the same.
    """
    world.gateway.silence = asyncio.Event()

    await _lose_patience(world, paid)

    assert world.payment(paid.id).state is State.PENDING
    await _let_the_bank_answer(world)
    assert world.payment(paid.id).state is State.SUCCESS


async def test_a_cancelled_caller_does_not_cancel_the_refresh(
    world: MemoryWorld, paid: Payment
) -> None:
    """
    The browser was closed during the call.
    """
    world.gateway.silence = asyncio.Event()
    asker = asyncio.create_task(world.refresh_order(paid.id, ASHA.id, BY_STATUS))
    await _turns()
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker

    await _let_the_bank_answer(world)

    assert world.payment(paid.id).state is State.SUCCESS


async def test_an_unavailable_storage_is_raised_to_the_caller(
    world: MemoryWorld, paid: Payment
) -> None:
    """
    Who still waits gets the reason why the answer was not applied.
    """
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await world.refresh_order(paid.id, ASHA.id, BY_STATUS)


async def test_an_answer_nobody_waits_for_fails_in_the_log(
    world: MemoryWorld, paid: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The type of the error is logged and nothing else of it; asyncio has no exception to warn of.
    """
    world.gateway.silence = asyncio.Event()
    await _lose_patience(world, paid)
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("at 10.0.0.7"))

    await _let_the_bank_answer(world)

    assert [(line.message, line.__dict__["error"]) for line in caplog.records] == [
        ("order_status.not_applied", "StorageUnavailable")
    ]


async def test_a_stopped_refresh_is_quiet(
    world: MemoryWorld, paid: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The process stops during the call.
    """
    world.gateway.silence = asyncio.Event()
    await _lose_patience(world, paid)

    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await _turns()

    assert world.payment(paid.id).state is State.PENDING
    assert not caplog.records


async def _lose_patience(world: MemoryWorld, payment: Payment) -> None:
    """Ask and go on without an answer; an asker who waits for it fails the test, and does not hang it."""
    world.wait_at_most(IMPATIENT)
    async with asyncio.timeout(5):
        assert not await world.refresh_order(payment.id, ASHA.id, BY_STATUS)


async def _let_the_bank_answer(world: MemoryWorld) -> None:
    assert world.gateway.silence is not None
    world.gateway.silence.set()
    await _turns()


async def _turns() -> None:
    """Let every task go as far as it can; the bank answers only when told."""
    for _ in range(30):
        await asyncio.sleep(0)
