"""A student ends an open payment: the bank is asked first, and another can begin at once."""

import pytest

from adapters.fake.script import Fault, Outcome
from domain.errors import NotFound
from domain.payments.cancellation import NotCancellable
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import died_before_creating
from fakes.samples import ASHA, BY_ASHA, RAVI, payment_id
from ports.payments.payment_gateway import GatewayDown, GatewayOperation
from worlds.memory import MemoryWorld

READ = GatewayOperation.READ_ORDER


async def test_another_begins_in_its_place(world: MemoryWorld) -> None:
    """
    With the discount that the first one had reserved; to end it twice changes nothing more.
    """
    payment = await world.begin_payment()

    ended = await world.cancel_payment(payment.id, ASHA.id, BY_ASHA)
    again = await world.cancel_payment(payment.id, ASHA.id, BY_ASHA)
    other = await world.begin_payment()

    assert (ended.state, ended.failure) == (State.FAILED, FailureReason.CANCELLED_BY_STUDENT)
    assert again == world.payment(payment.id)
    assert other.state is State.PENDING
    assert other.id != payment.id


@pytest.mark.parametrize(
    ("outcome", "stands"),
    [
        (Outcome.SUCCESS, State.SUCCESS),
        (Outcome.PENDING, State.PROCESSING),
        (Outcome.FAILURE, State.FAILED),
    ],
)
async def test_what_the_bank_knows_comes_first(
    world: MemoryWorld, outcome: Outcome, stands: State
) -> None:
    """
    Paid is paid; an attempt that is under way, or has failed, is nothing to cancel.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, outcome)

    with pytest.raises(NotCancellable):
        await world.cancel_payment(payment.id, ASHA.id, BY_ASHA)

    assert world.payment(payment.id).state is stands


async def test_without_the_banks_answer_nothing_ends(world: MemoryWorld) -> None:
    """
    The money may be on its way.
    """
    payment = await world.begin_payment()
    world.gateway.fail_next(READ, Fault.DOWN, times=2)

    with pytest.raises(GatewayDown):
        await world.cancel_payment(payment.id, ASHA.id, BY_ASHA)

    assert world.payment(payment.id).state is State.PENDING


async def test_one_without_a_page_ends_without_the_bank(world: MemoryWorld) -> None:
    """
    Nobody can have paid it.
    """
    await died_before_creating(world)

    ended = await world.cancel_payment(payment_id(1), ASHA.id, BY_ASHA)

    assert ended.state is State.FAILED
    assert not world.gateway.calls[READ]


async def test_nobody_ends_anothers(world: MemoryWorld) -> None:
    """
    It is not found, as if there were none; nor does one that is over end again.
    """
    payment = await world.begin_payment()
    with pytest.raises(NotFound):
        await world.cancel_payment(payment.id, RAVI.id, BY_ASHA)
    world.gateway.pay(payment.id)
    await world.ask_status(payment.id)

    with pytest.raises(NotCancellable):
        await world.cancel_payment(payment.id, ASHA.id, BY_ASHA)
