"""Staff request a refund: the intent is written first, and the bank never carries out one refund twice."""

import asyncio

import pytest

from adapters.fake.script import Fault
from application.retry_on_conflict import TRIES_MAX
from domain.errors import ChangedMeanwhile, DomainError, NotFound
from domain.money import Money
from domain.payments.order_facts import RefundVerdict, ReviewReason
from domain.payments.payment_state import State
from domain.payments.refund import ReasonRefused, RefundTooLarge
from domain.payments.refund_state import RefundState
from fakes.samples import BY_SECOND, BY_STAFF, only_reason, payment_id, refund_id
from ports.idempotency import IdempotencyKeyReused
from ports.payments.payment_gateway import GatewayDown, GatewayOperation
from ports.unit_of_work import StorageUnavailable, Work
from worlds.memory import MemoryWorld
from worlds.refund_requests import (
    approve_refund,
    ask_refund,
    poll_refunds_after,
    reject_refund,
)

PRICE = 1180_00


def asked_the_bank(world: MemoryWorld) -> int:
    return world.gateway.calls[GatewayOperation.REFUND]


def dead_letters(world: MemoryWorld) -> list[tuple[str, str]]:
    return [(row.task.value, row.subject) for row in world.memory.store.outbox.values()]


async def test_a_refund_is_sent_and_polled(world: MemoryWorld) -> None:
    """
    Pending at the bank, polled, and an email to the student; the course stays open meanwhile.
    """
    sold = await world.paid_payment()

    refund = await ask_refund(world, sold.id, PRICE)

    assert (refund.id, refund.state, refund.asked_by) == (
        refund_id(1),
        RefundState.PENDING,
        "staff:mira",
    )
    store = world.memory.store
    assert (sold.id, refund.id) in store.refund_polls
    assert dead_letters(world)[1:] == [("refund_requested", refund.id)]
    assert store.owner(sold.student.id, sold.course) == sold.id
    assert world.payment(sold.id).state is State.SUCCESS


async def test_who_and_why_stand_in_the_trail(world: MemoryWorld) -> None:
    """
    The request and the bank's answer to it, each in a line.
    """
    sold = await world.paid_payment()
    await ask_refund(world, sold.id, 500_00)

    (asked,), (moved,) = (world.audited(f"refund.{what}") for what in ("requested", "moved"))
    assert (asked.origin, asked.subject) == (BY_STAFF, sold.id)
    assert asked.facts == {
        "refund": refund_id(1),
        "amount": "500.00",
        "state": "requested",
        "asked_by": "staff:mira",
        "reason": "course cancelled",
    }
    assert (moved.facts["from"], moved.facts["state"]) == ("requested", "pending")
    assert moved.to_state is None


async def test_a_refund_paid_at_once_closes_the_course(world: MemoryWorld) -> None:
    """
    One email that it is paid, none that it was requested; it is not polled.
    """
    world.gateway.refunds_end(RefundVerdict.PAID)
    sold = await world.paid_payment()

    refund = await ask_refund(world, sold.id, PRICE)

    store = world.memory.store
    assert refund.state is RefundState.SUCCESS
    assert world.payment(sold.id).state is State.REFUNDED
    assert dead_letters(world)[1:] == [("credit_note", refund.id)]
    assert store.owner(sold.student.id, sold.course) is None
    assert not store.refund_polls
    moved = [(line.from_state, line.to_state) for line in world.audited("payment.moved")]
    assert moved[-1] == (State.SUCCESS, State.REFUNDED)


@pytest.mark.parametrize("revokes", [True, False])
async def test_a_part_closes_it_as_chosen(world: MemoryWorld, *, revokes: bool) -> None:
    """
    And a student whose course was closed may buy it again.
    """
    world.gateway.refunds_end(RefundVerdict.PAID)
    sold = await world.paid_payment()

    await ask_refund(world, sold.id, 500_00, revokes=revokes)

    open_to = world.memory.store.owner(sold.student.id, sold.course)
    assert open_to == (None if revokes else sold.id)
    if revokes:
        assert (await world.begin_payment()).state is State.PENDING


async def test_one_email_for_each_refund_that_is_paid(world: MemoryWorld) -> None:
    """
    Two parts, two emails, however often the bank reports them.
    """
    world.gateway.refunds_end(RefundVerdict.PAID)
    sold = await world.paid_payment()
    first = await ask_refund(world, sold.id, 500_00)
    second = await ask_refund(world, sold.id, 680_00)
    await world.deliver_webhook(sold.id, "ORDER_REFUNDED")

    assert dead_letters(world)[1:] == [
        ("credit_note", first.id),
        ("credit_note", second.id),
    ]
    while await world.relay_outbox():
        pass
    assert [letter.subject for letter in world.mail.letters] == ["Paid", "Back", "Back"]


async def test_an_email_when_requested_and_one_when_paid(world: MemoryWorld) -> None:
    """
    With the ARN when the bank has given it.
    """
    sold = await world.paid_payment()
    while await world.relay_outbox():
        pass
    refund = await ask_refund(world, sold.id, 500_00)
    while await world.relay_outbox():
        pass
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID, arn="74537604221")
    await world.deliver_webhook(sold.id, "ORDER_REFUNDED")
    while await world.relay_outbox():
        pass

    assert [letter.text for letter in world.mail.letters[1:]] == [
        "All about algebra: 500.00",
        "All about algebra: 500.00 74537604221 (CRN/2627/0000001)",
    ]


async def test_never_more_than_refundable_whatever_runs_at_once(world: MemoryWorld) -> None:
    """
    Two of 60 of 100 at the same moment: one is sent, the other is refused with what is left.
    """
    sold = await world.paid_payment()

    said = await asyncio.gather(
        ask_refund(world, sold.id, 700_00),
        ask_refund(world, sold.id, 700_00, by=BY_SECOND),
        return_exceptions=True,
    )

    (refusal,) = [each for each in said if isinstance(each, RefundTooLarge)]
    assert refusal.left == Money(480_00)
    assert asked_the_bank(world) == 1
    assert world.payment(sold.id).refundable == Money(480_00)


async def test_a_refused_request_leaves_an_audit_line_and_nothing_else(
    world: MemoryWorld,
) -> None:
    """
    The bank is not called.
    """
    sold = await world.paid_payment()

    with pytest.raises(RefundTooLarge):
        await ask_refund(world, sold.id, PRICE + 1)
    with pytest.raises(NotFound):
        await ask_refund(world, payment_id(99), PRICE)

    assert [line.facts["refusal"] for line in world.audited("refund.refused")] == [
        "RefundTooLarge",
        "NotFound",
    ]
    assert asked_the_bank(world) == 0
    assert not world.payment(sold.id).refunds


async def test_an_unavailable_storage_is_not_audited(world: MemoryWorld) -> None:
    """
    It could not take one.
    """
    sold = await world.paid_payment()
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("away"))

    with pytest.raises(StorageUnavailable):
        await ask_refund(world, sold.id, PRICE)

    assert not world.audited("refund.refused")


async def test_whoever_has_to_stand_for_it_is_asked_last_and_in_the_same_unit(
    world: MemoryWorld,
) -> None:
    """
    When they do not, nothing was written and the bank was not asked; rules are checked before.
    """
    sold = await world.paid_payment()
    looks: list[Work] = []

    async def refuse(work: Work) -> None:
        looks.append(work)
        raise ReasonRefused("not in person")

    with pytest.raises(RefundTooLarge):
        await ask_refund(world, sold.id, PRICE + 1, confirm=refuse)
    assert not looks
    with pytest.raises(ReasonRefused):
        await ask_refund(world, sold.id, PRICE, confirm=refuse)

    assert len(looks) == 1
    assert (asked_the_bank(world), bool(world.payment(sold.id).refunds)) == (0, False)
    assert not world.memory.store.refund_polls


async def test_the_same_key_is_one_refund(world: MemoryWorld) -> None:
    """
    The same answer, as it stands now, without another word to the bank or from whoever stands for it.
    """
    sold = await world.paid_payment()
    first = await ask_refund(world, sold.id, 500_00, key="k")
    world.gateway.move_refund(sold.id, first.id, RefundVerdict.PAID)
    await world.deliver_webhook(sold.id, "ORDER_REFUNDED")

    async def refuse(_: Work) -> None:
        raise AssertionError("nobody is asked again")

    again = await ask_refund(world, sold.id, 500_00, key="k", confirm=refuse)

    assert (again.id, again.state) == (first.id, RefundState.SUCCESS)
    assert asked_the_bank(world) == 1
    assert len(world.audited("refund.repeated")) == 1


async def test_a_key_stands_for_one_request(world: MemoryWorld) -> None:
    """
    Another body is refused, another member of staff has keys of their own.
    """
    sold = await world.paid_payment()
    await ask_refund(world, sold.id, 500_00, key="k")

    with pytest.raises(IdempotencyKeyReused):
        await ask_refund(world, sold.id, 500_00, key="k", body="b")
    await ask_refund(world, sold.id, 500_00, key="k", by=BY_SECOND)

    assert asked_the_bank(world) == 2


async def test_the_same_key_twice_at_once_is_one_refund(world: MemoryWorld) -> None:
    """
    Whoever is slower finds the other's.
    """
    sold = await world.paid_payment()

    said = await asyncio.gather(*(ask_refund(world, sold.id, 500_00, key="k") for _ in range(4)))

    assert {refund.id for refund in said} == {said[0].id}
    assert asked_the_bank(world) == 1


async def test_above_the_threshold_nothing_is_sent_before_a_second_person_approved(
    world: MemoryWorld,
) -> None:
    """
    It awaits approval, its amount is reserved, and it is not polled.
    """
    world.approve_alone_up_to(Money(499_99))
    sold = await world.paid_payment()

    waiting = await ask_refund(world, sold.id, 500_00)

    assert waiting.state is RefundState.AWAITING_APPROVAL
    assert (asked_the_bank(world), await poll_refunds_after(world)) == (0, 0)
    with pytest.raises(RefundTooLarge):
        await ask_refund(world, sold.id, 700_00)

    approved = await approve_refund(world, sold.id, waiting.id)
    assert (approved.state, approved.decided_by) == (RefundState.PENDING, "staff:noor")
    assert (asked_the_bank(world), await poll_refunds_after(world)) == (1, 1)
    (line,) = world.audited("refund.approved")
    assert (line.origin, line.facts["decided_by"]) == (BY_SECOND, "staff:noor")


async def test_a_rejection_frees_the_amount(world: MemoryWorld) -> None:
    """
    Rejected by another member, or withdrawn by who requested it; the bank is never called.
    """
    world.approve_alone_up_to(Money(0))
    sold = await world.paid_payment()
    first = await ask_refund(world, sold.id, PRICE)
    assert (await reject_refund(world, sold.id, first.id)).state is RefundState.REJECTED
    second = await ask_refund(world, sold.id, PRICE)
    assert (await reject_refund(world, sold.id, second.id, BY_STAFF)).state is RefundState.WITHDRAWN

    assert world.payment(sold.id).refundable == Money(PRICE)
    assert asked_the_bank(world) == 0
    assert [len(world.audited(f"refund.{what}")) for what in ("rejected", "withdrawn")] == [1, 1]


UNHEARD = [Fault.DOWN, Fault.BUSY, Fault.DENIED, Fault.LOST_REQUEST, Fault.DUPLICATE]


@pytest.mark.parametrize("fault", UNHEARD)
async def test_a_failure_of_the_bank_is_no_error(world: MemoryWorld, fault: Fault) -> None:
    """
    The refund stays in flight and is sent again under its own id, once a read showed that it is not there.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, fault)

    refund = await ask_refund(world, sold.id, PRICE)
    assert refund.state is RefundState.REQUESTED
    assert dead_letters(world)[1:] == []

    assert await poll_refunds_after(world) == 1
    assert world.refund(sold.id, refund.id).state is RefundState.PENDING
    assert list(world.gateway.orders[sold.id].refunds.known) == [refund.id]


async def test_an_answer_that_was_lost_is_read(world: MemoryWorld) -> None:
    """
    The bank has it: adopted at once, not asked for again.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.LOST_ANSWER)

    refund = await ask_refund(world, sold.id, PRICE)

    assert (refund.state, asked_the_bank(world)) == (RefundState.PENDING, 1)


async def test_an_answer_that_was_lost_and_cannot_be_read_stays_unknown(
    world: MemoryWorld,
) -> None:
    """
    Neither a success nor a failure; found by whoever follows it.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.LOST_ANSWER)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    refund = await ask_refund(world, sold.id, PRICE)
    assert refund.state is RefundState.REQUESTED

    await poll_refunds_after(world)
    assert (world.refund(sold.id, refund.id).state, asked_the_bank(world)) == (
        RefundState.PENDING,
        1,
    )


async def test_a_refusal_that_is_proven_frees_the_amount(world: MemoryWorld) -> None:
    """
    A person has to see it, and a new refund gets a new id.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)

    refused = await ask_refund(world, sold.id, PRICE)
    assert (refused.state, refused.error) == (RefundState.FAILED, "as scripted")
    assert only_reason(world.payment(sold.id)) is ReviewReason.REFUND_FAILED
    assert not world.memory.store.refund_polls

    again = await ask_refund(world, sold.id, PRICE)
    assert (again.state, again.id) == (RefundState.PENDING, refund_id(2))


async def test_a_refusal_that_cannot_be_proven_is_no_failure(world: MemoryWorld) -> None:
    """
    The bank may have it from an earlier time: a new id now could pay twice.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    refund = await ask_refund(world, sold.id, PRICE)

    assert refund.state is RefundState.REQUESTED
    assert world.payment(sold.id).refundable == Money(0)


async def test_a_refusal_of_what_the_bank_has_is_none(world: MemoryWorld) -> None:
    """
    The first request arrived after all; the second was refused for what the first one took.
    """
    sold = await world.paid_payment()
    gateway = world.gateway
    gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)

    async def arrived() -> None:
        (refund,) = world.payment(sold.id).refunds
        gateway.refund_outside(sold.id, refund.id, refund.amount)

    gateway.meanwhile.append(arrived)

    assert (await ask_refund(world, sold.id, PRICE)).state is RefundState.PENDING


async def test_a_bank_that_forgot_the_order_proves_nothing(world: MemoryWorld) -> None:
    """
    It charged it; an answer that knows nothing of it is no proof of anything.
    """
    sold = await world.paid_payment()
    gateway = world.gateway
    gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)
    order = gateway.orders.pop(sold.id)

    refund = await ask_refund(world, sold.id, PRICE)
    assert refund.state is RefundState.REQUESTED
    await poll_refunds_after(world)
    assert asked_the_bank(world) == 1

    gateway.orders[sold.id] = order
    await poll_refunds_after(world)
    assert world.refund(sold.id, refund.id).state is RefundState.PENDING


async def test_somebody_faster_with_another_change_is_no_trouble(world: MemoryWorld) -> None:
    """
    The unit runs again on fresh state; the bank is asked once.
    """
    sold = await world.paid_payment()
    world.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("payment"))

    assert (await ask_refund(world, sold.id, PRICE)).state is RefundState.PENDING
    assert asked_the_bank(world) == 1


async def test_an_answer_that_cannot_be_written_is_polled(world: MemoryWorld) -> None:
    """
    Others change the payment again and again after the bank was asked: the officer is told of no conflict,
    since they would ask once more, and the refund is polled to its end.
    """
    sold = await world.paid_payment()
    unit_of_work = world.memory.unit_of_work
    conflicts = [ChangedMeanwhile("payment")] * TRIES_MAX
    unit_of_work.afterwards.append(lambda: unit_of_work.gateway_failure.extend(conflicts))

    refund = await ask_refund(world, sold.id, PRICE)

    assert (refund.state, unit_of_work.gateway_failure) == (RefundState.REQUESTED, [])
    assert (asked_the_bank(world), world.audited("refund.refused")) == (1, [])
    await poll_refunds_after(world)
    assert world.refund(sold.id, refund.id).state is RefundState.PENDING
    assert asked_the_bank(world) == 1


async def test_no_gateway_failure_is_raised(world: MemoryWorld) -> None:
    """
    Whatever the port raises, staff see a refund in flight.
    """
    assert issubclass(GatewayDown, DomainError)
    sold = await world.paid_payment()
    for fault in (Fault.DOWN, Fault.DOWN):
        world.gateway.fail_next(GatewayOperation.REFUND, fault)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY)

    refund = await ask_refund(world, sold.id, PRICE)
    assert await poll_refunds_after(world) == 1

    assert world.refund(sold.id, refund.id).state is RefundState.REQUESTED
