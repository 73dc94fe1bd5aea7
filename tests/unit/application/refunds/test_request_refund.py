"""Staff request a refund: the intent is written first, and the bank never carries out one refund twice."""

import asyncio

import pytest

from adapters.fake.script import Fault
from domain.errors import ChangedMeanwhile, DomainError, NotFound
from domain.money import Money
from domain.payments.order_facts import RefundVerdict, ReviewReason
from domain.payments.payment_state import State
from domain.payments.refund import ReasonRefused, RefundTooLarge
from domain.payments.refund_state import RefundState
from fakes.samples import BY_SECOND, BY_STAFF, payment_id, refund_id
from ports.idempotency import IdempotencyKeyReused
from ports.payments.payment_gateway import GatewayDown, GatewayOperation
from ports.unit_of_work import StorageUnavailable, Work
from worlds.memory import MemoryWorld
from worlds.refund_requests import RefundProcessing

PRICE = 1180_00


@pytest.fixture
def desk(world: MemoryWorld) -> RefundProcessing:
    return RefundProcessing(world)


def asked_the_bank(desk: RefundProcessing) -> int:
    return desk.school.gateway.calls[GatewayOperation.REFUND]


def dead_letters(desk: RefundProcessing) -> list[tuple[str, str]]:
    return [(row.task.value, row.subject) for row in desk.school.memory.store.outbox.values()]


async def test_a_refund_is_sent_and_polled(desk: RefundProcessing) -> None:
    """
    Pending at the bank, polled, and an email to the student; the course stays open meanwhile.
    """
    sold = await desk.sold()

    refund = await desk.asks(sold.id, PRICE)

    assert (refund.id, refund.state, refund.asked_by) == (
        refund_id(1),
        RefundState.PENDING,
        "staff:mira",
    )
    store = desk.school.memory.store
    assert (sold.id, refund.id) in store.refund_polls
    assert dead_letters(desk)[1:] == [("refund_requested", refund.id)]
    assert store.owner(sold.student.id, sold.course) == sold.id
    assert desk.school.payment(sold.id).state is State.SUCCESS


async def test_who_and_why_stand_in_the_trail(desk: RefundProcessing) -> None:
    """
    The request and the bank's answer to it, each in a line.
    """
    sold = await desk.sold()
    await desk.asks(sold.id, 500_00)

    (asked,), (moved,) = (desk.school.audited(f"refund.{what}") for what in ("requested", "moved"))
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


async def test_a_refund_paid_at_once_closes_the_course(desk: RefundProcessing) -> None:
    """
    One email that it is paid, none that it was requested; it is not polled.
    """
    desk.school.gateway.refunds_end(RefundVerdict.PAID)
    sold = await desk.sold()

    refund = await desk.asks(sold.id, PRICE)

    store = desk.school.memory.store
    assert refund.state is RefundState.SUCCESS
    assert desk.school.payment(sold.id).state is State.REFUNDED
    assert dead_letters(desk)[1:] == [("credit_note", refund.id)]
    assert store.owner(sold.student.id, sold.course) is None
    assert not store.refund_polls
    moved = [(line.from_state, line.to_state) for line in desk.school.audited("payment.moved")]
    assert moved[-1] == (State.SUCCESS, State.REFUNDED)


@pytest.mark.parametrize("revokes", [True, False])
async def test_a_part_closes_it_as_chosen(desk: RefundProcessing, *, revokes: bool) -> None:
    """
    And a student whose course was closed may buy it again.
    """
    desk.school.gateway.refunds_end(RefundVerdict.PAID)
    sold = await desk.sold()

    await desk.asks(sold.id, 500_00, revokes=revokes)

    open_to = desk.school.memory.store.owner(sold.student.id, sold.course)
    assert open_to == (None if revokes else sold.id)
    if revokes:
        assert (await desk.school.opens()).state is State.PENDING


async def test_one_email_for_each_refund_that_is_paid(desk: RefundProcessing) -> None:
    """
    Two parts, two emails, however often the bank reports them.
    """
    desk.school.gateway.refunds_end(RefundVerdict.PAID)
    sold = await desk.sold()
    first = await desk.asks(sold.id, 500_00)
    second = await desk.asks(sold.id, 680_00)
    await desk.school.hears(sold.id, "ORDER_REFUNDED")

    assert dead_letters(desk)[1:] == [
        ("credit_note", first.id),
        ("credit_note", second.id),
    ]
    while await desk.school.relay():
        pass
    assert [letter.subject for letter in desk.school.mail.letters] == ["Paid", "Back", "Back"]


async def test_an_email_when_requested_and_one_when_paid(desk: RefundProcessing) -> None:
    """
    With the ARN when the bank has given it.
    """
    sold = await desk.sold()
    while await desk.school.relay():
        pass
    refund = await desk.asks(sold.id, 500_00)
    while await desk.school.relay():
        pass
    desk.school.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID, arn="74537604221")
    await desk.school.hears(sold.id, "ORDER_REFUNDED")
    while await desk.school.relay():
        pass

    assert [letter.text for letter in desk.school.mail.letters[1:]] == [
        "All about algebra: 500.00",
        "All about algebra: 500.00 74537604221 (CRN/2627/0000001)",
    ]


async def test_never_more_than_refundable_whatever_runs_at_once(desk: RefundProcessing) -> None:
    """
    Two of 60 of 100 at the same moment: one is sent, the other is refused with what is left.
    """
    sold = await desk.sold()

    said = await asyncio.gather(
        desk.asks(sold.id, 700_00), desk.asks(sold.id, 700_00, by=BY_SECOND), return_exceptions=True
    )

    (refusal,) = [each for each in said if isinstance(each, RefundTooLarge)]
    assert refusal.left == Money(480_00)
    assert asked_the_bank(desk) == 1
    assert desk.school.payment(sold.id).refundable == Money(480_00)


async def test_a_refused_request_leaves_an_audit_line_and_nothing_else(
    desk: RefundProcessing,
) -> None:
    """
    The bank is not called.
    """
    sold = await desk.sold()

    with pytest.raises(RefundTooLarge):
        await desk.asks(sold.id, PRICE + 1)
    with pytest.raises(NotFound):
        await desk.asks(payment_id(99), PRICE)

    assert [line.facts["refusal"] for line in desk.school.audited("refund.refused")] == [
        "RefundTooLarge",
        "NotFound",
    ]
    assert asked_the_bank(desk) == 0
    assert not desk.school.payment(sold.id).refunds


async def test_an_unavailable_storage_is_not_audited(desk: RefundProcessing) -> None:
    """
    It could not take one.
    """
    sold = await desk.sold()
    desk.school.memory.unit_of_work.gateway_failure.append(StorageUnavailable("away"))

    with pytest.raises(StorageUnavailable):
        await desk.asks(sold.id, PRICE)

    assert not desk.school.audited("refund.refused")


async def test_whoever_has_to_stand_for_it_is_asked_last_and_in_the_same_unit(
    desk: RefundProcessing,
) -> None:
    """
    When they do not, nothing was written and the bank was not asked; rules are checked before.
    """
    sold = await desk.sold()
    looks: list[Work] = []

    async def refuse(work: Work) -> None:
        looks.append(work)
        raise ReasonRefused("not in person")

    with pytest.raises(RefundTooLarge):
        await desk.asks(sold.id, PRICE + 1, confirm=refuse)
    assert not looks
    with pytest.raises(ReasonRefused):
        await desk.asks(sold.id, PRICE, confirm=refuse)

    assert len(looks) == 1
    assert (asked_the_bank(desk), bool(desk.school.payment(sold.id).refunds)) == (0, False)
    assert not desk.school.memory.store.refund_polls


async def test_the_same_key_is_one_refund(desk: RefundProcessing) -> None:
    """
    The same answer, as it stands now, without another word to the bank or from whoever stands for it.
    """
    sold = await desk.sold()
    first = await desk.asks(sold.id, 500_00, key="k")
    desk.school.gateway.move_refund(sold.id, first.id, RefundVerdict.PAID)
    await desk.school.hears(sold.id, "ORDER_REFUNDED")

    async def refuse(_: Work) -> None:
        raise AssertionError("nobody is asked again")

    again = await desk.asks(sold.id, 500_00, key="k", confirm=refuse)

    assert (again.id, again.state) == (first.id, RefundState.SUCCESS)
    assert asked_the_bank(desk) == 1
    assert len(desk.school.audited("refund.repeated")) == 1


async def test_a_key_stands_for_one_request(desk: RefundProcessing) -> None:
    """
    Another body is refused, another member of staff has keys of their own.
    """
    sold = await desk.sold()
    await desk.asks(sold.id, 500_00, key="k")

    with pytest.raises(IdempotencyKeyReused):
        await desk.asks(sold.id, 500_00, key="k", body="b")
    await desk.asks(sold.id, 500_00, key="k", by=BY_SECOND)

    assert asked_the_bank(desk) == 2


async def test_the_same_key_twice_at_once_is_one_refund(desk: RefundProcessing) -> None:
    """
    Whoever is slower finds the other's.
    """
    sold = await desk.sold()

    said = await asyncio.gather(*(desk.asks(sold.id, 500_00, key="k") for _ in range(4)))

    assert {refund.id for refund in said} == {said[0].id}
    assert asked_the_bank(desk) == 1


async def test_above_the_threshold_nothing_is_sent_before_a_second_person_approved(
    world: MemoryWorld,
) -> None:
    """
    It awaits approval, its amount is reserved, and it is not polled.
    """
    desk = RefundProcessing(world, approval_threshold=Money(499_99))
    sold = await desk.sold()

    waiting = await desk.asks(sold.id, 500_00)

    assert waiting.state is RefundState.AWAITING_APPROVAL
    assert (asked_the_bank(desk), await desk.follows()) == (0, 0)
    with pytest.raises(RefundTooLarge):
        await desk.asks(sold.id, 700_00)

    approved = await desk.agrees(sold.id, waiting.id)
    assert (approved.state, approved.decided_by) == (RefundState.PENDING, "staff:noor")
    assert (asked_the_bank(desk), await desk.follows()) == (1, 1)
    (line,) = world.audited("refund.approved")
    assert (line.origin, line.facts["decided_by"]) == (BY_SECOND, "staff:noor")


async def test_a_rejection_frees_the_amount(world: MemoryWorld) -> None:
    """
    Rejected by another member, or withdrawn by who requested it; the bank is never called.
    """
    desk = RefundProcessing(world, approval_threshold=Money(0))
    sold = await desk.sold()
    first = await desk.asks(sold.id, PRICE)
    assert (await desk.says_no(sold.id, first.id)).state is RefundState.REJECTED
    second = await desk.asks(sold.id, PRICE)
    assert (await desk.says_no(sold.id, second.id, BY_STAFF)).state is RefundState.WITHDRAWN

    assert world.payment(sold.id).refundable == Money(PRICE)
    assert asked_the_bank(desk) == 0
    assert [len(world.audited(f"refund.{what}")) for what in ("rejected", "withdrawn")] == [1, 1]


UNHEARD = [Fault.DOWN, Fault.BUSY, Fault.DENIED, Fault.LOST_REQUEST, Fault.DUPLICATE]


@pytest.mark.parametrize("fault", UNHEARD)
async def test_a_failure_of_the_bank_is_no_error(desk: RefundProcessing, fault: Fault) -> None:
    """
    The refund stays in flight and is sent again under its own id, once a read showed that it is not there.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, fault)

    refund = await desk.asks(sold.id, PRICE)
    assert refund.state is RefundState.REQUESTED
    assert dead_letters(desk)[1:] == []

    assert await desk.follows() == 1
    assert desk.refund(sold.id, refund.id).state is RefundState.PENDING
    assert list(desk.school.gateway.orders[sold.id].refunds.known) == [refund.id]


async def test_an_answer_that_was_lost_is_read(desk: RefundProcessing) -> None:
    """
    The bank has it: adopted at once, not asked for again.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, Fault.LOST_ANSWER)

    refund = await desk.asks(sold.id, PRICE)

    assert (refund.state, asked_the_bank(desk)) == (RefundState.PENDING, 1)


async def test_an_answer_that_was_lost_and_cannot_be_read_stays_unknown(
    desk: RefundProcessing,
) -> None:
    """
    Neither a success nor a failure; found by whoever follows it.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, Fault.LOST_ANSWER)
    desk.school.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    refund = await desk.asks(sold.id, PRICE)
    assert refund.state is RefundState.REQUESTED

    await desk.follows()
    assert (desk.refund(sold.id, refund.id).state, asked_the_bank(desk)) == (RefundState.PENDING, 1)


async def test_a_refusal_that_is_proven_frees_the_amount(desk: RefundProcessing) -> None:
    """
    A person has to see it, and a new refund gets a new id.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)

    refused = await desk.asks(sold.id, PRICE)
    assert (refused.state, refused.error) == (RefundState.FAILED, "as scripted")
    assert desk.school.payment(sold.id).review_reason is ReviewReason.REFUND_FAILED
    assert not desk.school.memory.store.refund_polls

    again = await desk.asks(sold.id, PRICE)
    assert (again.state, again.id) == (RefundState.PENDING, refund_id(2))


async def test_a_refusal_that_cannot_be_proven_is_no_failure(desk: RefundProcessing) -> None:
    """
    The bank may have it from an earlier time: a new id now could pay twice.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)
    desk.school.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    refund = await desk.asks(sold.id, PRICE)

    assert refund.state is RefundState.REQUESTED
    assert desk.school.payment(sold.id).refundable == Money(0)


async def test_a_refusal_of_what_the_bank_has_is_none(desk: RefundProcessing) -> None:
    """
    The first request arrived after all; the second was refused for what the first one took.
    """
    sold = await desk.sold()
    gateway = desk.school.gateway
    gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)

    async def arrived() -> None:
        (refund,) = desk.school.payment(sold.id).refunds
        gateway.refund_outside(sold.id, refund.id, refund.amount)

    gateway.meanwhile.append(arrived)

    assert (await desk.asks(sold.id, PRICE)).state is RefundState.PENDING


async def test_a_bank_that_forgot_the_order_proves_nothing(desk: RefundProcessing) -> None:
    """
    It charged it; an answer that knows nothing of it is no proof of anything.
    """
    sold = await desk.sold()
    gateway = desk.school.gateway
    gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)
    order = gateway.orders.pop(sold.id)

    refund = await desk.asks(sold.id, PRICE)
    assert refund.state is RefundState.REQUESTED
    await desk.follows()
    assert asked_the_bank(desk) == 1

    gateway.orders[sold.id] = order
    await desk.follows()
    assert desk.refund(sold.id, refund.id).state is RefundState.PENDING


async def test_somebody_faster_with_another_change_is_no_trouble(desk: RefundProcessing) -> None:
    """
    The unit runs again on fresh state; the bank is asked once.
    """
    sold = await desk.sold()
    desk.school.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("payment"))

    assert (await desk.asks(sold.id, PRICE)).state is RefundState.PENDING
    assert asked_the_bank(desk) == 1


async def test_no_gateway_failure_is_raised(desk: RefundProcessing) -> None:
    """
    Whatever the port raises, staff see a refund in flight.
    """
    assert issubclass(GatewayDown, DomainError)
    sold = await desk.sold()
    for fault in (Fault.DOWN, Fault.DOWN):
        desk.school.gateway.fail_next(GatewayOperation.REFUND, fault)
    desk.school.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY)

    refund = await desk.asks(sold.id, PRICE)
    assert await desk.follows() == 1

    assert desk.refund(sold.id, refund.id).state is RefundState.REQUESTED
