"""A live payment for the course is checked first: shown, resumed or ended as the bank says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Outcome
from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled
from domain.payments.changed_details import ChangedDetail, PaymentDetail
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import died_after_creating, died_before_creating
from fakes.samples import LAPSE, LIFETIME, a_code, payment_id
from ports.payments.payment_gateway import GatewayDown, GatewayOperation
from worlds.memory import CALL_MAX, MemoryWorld

READ = GatewayOperation.READ_ORDER
MOMENT = timedelta(microseconds=1)


async def test_the_session_of_a_dead_request_is_resumed(world: MemoryWorld) -> None:
    """
    The student never got the page: the session is created now and shown with the live payment.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX)

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment()

    page = world.payment(payment_id(1)).gateway_order
    assert page is not None
    assert (payment_id(1), page.payment_url) == (live.value.payment, live.value.payment_url)


async def test_the_session_of_a_running_request_is_left_alone(world: MemoryWorld) -> None:
    """
    The first request may still be running: no second session is created.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX - MOMENT)

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment()

    assert live.value.payment_url is None
    assert not world.gateway.calls[READ]


@pytest.mark.parametrize(
    ("outcome", "ends"), [(Outcome.SUCCESS, State.SUCCESS), (Outcome.FAILURE, State.FAILED)]
)
async def test_the_payment_of_a_dead_request_may_be_over_at_the_bank(
    world: MemoryWorld, outcome: Outcome, ends: State
) -> None:
    """
    What the bank did counts: the course is owned now, or another payment may begin; never "live".
    """
    await died_after_creating(world)
    world.clock.move(CALL_MAX)
    world.gateway.pay(payment_id(1), outcome)

    if ends is State.SUCCESS:
        with pytest.raises(AlreadyEnrolled):
            await world.begin_payment()
        assert [line.facts["refusal"] for line in world.audited("payment.refused")][-1] == (
            "AlreadyEnrolled"
        )
    else:
        assert (await world.begin_payment()).id == payment_id(3)
    assert world.payment(payment_id(1)).state is ends


async def test_an_overdue_live_payment_is_expired_first(world: MemoryWorld) -> None:
    """
    The student need not wait for the next poll.
    """
    await world.begin_payment()
    world.clock.move(LAPSE)

    second = await world.begin_payment()

    assert world.payment(payment_id(1)).state is State.EXPIRED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)


async def test_an_overdue_payment_the_bank_is_busy_with_stays(world: MemoryWorld) -> None:
    """
    Money may be on its way: no second payment beside it.
    """
    await world.begin_payment()
    world.gateway.pay(payment_id(1), Outcome.PENDING)
    world.clock.move(LIFETIME)

    with pytest.raises(PaymentInProgress):
        await world.begin_payment()

    assert world.payment(payment_id(1)).state is State.PROCESSING


async def test_an_overdue_payment_is_not_expired_by_silence(world: MemoryWorld) -> None:
    """
    The bank gives no answer: nothing is known, nothing is opened, and the attempt is audited.
    """
    await world.begin_payment()
    world.clock.move(LIFETIME)
    world.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await world.begin_payment()

    assert world.payment(payment_id(1)).state is State.PENDING
    assert world.audited("payment.refused")


async def test_a_live_payment_may_end_between_two_reads(world: MemoryWorld) -> None:
    """
    Live when the facts were read, over when it was read again: another payment begins.
    """
    await world.begin_payment()
    over = replace(world.payment(payment_id(1)), state=State.FAILED)
    world.memory.unit_of_work.afterwards.append(
        lambda: world.memory.store.payments.update({over.id: over})
    )

    assert (await world.begin_payment()).id == payment_id(3)


async def test_another_payment_may_begin_when_the_live_one_ends(world: MemoryWorld) -> None:
    """
    The live payment ended, and another request was faster: its payment is shown now.
    """
    first = await world.begin_payment()
    over = replace(world.payment(first.id), state=State.FAILED)
    newer = replace(first, id=payment_id(9))
    world.memory.unit_of_work.afterwards.append(
        lambda: world.memory.store.payments.update({over.id: over, newer.id: newer})
    )

    with pytest.raises(PaymentInProgress) as refused:
        await world.begin_payment(code="NONE")

    told = [each.detail for each in refused.value.differs]
    assert (refused.value.payment, told) == (newer.id, [PaymentDetail.DISCOUNT_CODE])


@pytest.mark.parametrize(
    ("code", "differs"),
    [
        (None, ()),
        (
            "TEN",
            (
                ChangedDetail(PaymentDetail.DISCOUNT_CODE, None, "TEN"),
                ChangedDetail(PaymentDetail.PAYABLE, "1180.00", "1062.00"),
            ),
        ),
        ("NONE", (ChangedDetail(PaymentDetail.DISCOUNT_CODE, None, "NONE"),)),
    ],
)
async def test_the_refusal_says_in_what_the_live_payment_differs(
    world: MemoryWorld, code: str | None, differs: tuple[ChangedDetail, ...]
) -> None:
    """
    From what is asked for now, with its price; what would be refused by itself has none.
    """
    world.add_code(a_code())
    await world.begin_payment()

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment(code=code)

    assert live.value.differs == differs
