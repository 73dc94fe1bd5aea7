"""Each fact about a payment leaves one delivery for each endpoint, in the unit that writes the fact."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.script import Outcome
from domain.money import Money
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment_state import State
from domain.webhooks.event_type import WebhookEventType as Kind
from domain.webhooks.webhook_event import WebhookEvent
from fakes.hooked import ENDPOINT, an_endpoint
from fakes.samples import ASHA, BY_ASHA, BY_STAFF, LAPSE, a_code
from worlds.memory import MemoryWorld
from worlds.refund_requests import approve_refund, ask_refund, poll_refunds_after, reject_refund

PART: Final = 100_00
PERSONAL: Final = (ASHA.name, ASHA.email)


def listen(world: MemoryWorld) -> None:
    world.memory.store.webhook_endpoints[ENDPOINT.id] = replace(ENDPOINT, version=1)


def told(world: MemoryWorld) -> Sequence[WebhookEvent]:
    return [row.event for row in world.memory.store.webhook_deliveries.values()]


def kinds(world: MemoryWorld) -> list[Kind]:
    return [each.type for each in told(world)]


async def test_a_sale_opens_its_course_and_is_invoiced(world: MemoryWorld) -> None:
    """
    With whose it is, of what and how much, and nothing by which a stranger would know the student.
    """
    listen(world)
    payment = await world.paid_payment()
    while await world.relay_outbox():
        pass

    sale, enrolment, document = told(world)
    assert (sale.type, enrolment.type, document.type) == (
        Kind.PAYMENT_SUCCEEDED,
        Kind.ENROLMENT_STARTED,
        Kind.DOCUMENT_ISSUED,
    )
    common = {
        "transaction_id": payment.id,
        "student_id": ASHA.id,
        "course_id": payment.course,
        "status": "success",
    }
    assert sale.data == {**common, "amount": "1180.00", "currency": "INR", "enrolled": True}
    assert enrolment.data == common
    issued = world.memory.store.documents[0].document
    assert document.data == {
        "transaction_id": payment.id,
        "kind": "tax_invoice",
        "date": issued.particulars.date.isoformat(),
        "total": "1180.00",
        "currency": "INR",
        "number": str(issued.number),
    }
    texts = " ".join(str(each.data) for each in told(world))
    assert not [each for each in PERSONAL if each in texts]


async def test_the_same_news_is_told_once(world: MemoryWorld) -> None:
    """
    To each of two endpoints, in whatever ways and however often it comes.
    """
    listen(world)
    world.memory.store.webhook_endpoints[an_endpoint("B").id] = an_endpoint("B")
    payment = await world.paid_payment()
    await world.deliver_callback(payment.id)
    await world.ask_status(payment.id)
    await world.deliver_webhook(payment.id, "ORDER_SUCCEEDED")

    rows = world.memory.store.webhook_deliveries.values()
    assert len({(row.endpoint, row.event_id) for row in rows}) == len(rows) == 4


async def test_what_is_under_way_is_no_fact_to_tell(world: MemoryWorld) -> None:
    """
    The bank is busy with an attempt: the payment moves, and nothing has ended.
    """
    listen(world)
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.PENDING)
    await world.deliver_webhook(payment.id)

    assert world.payment(payment.id).state is State.PROCESSING
    assert not told(world)


async def test_nobody_listens(world: MemoryWorld) -> None:
    """
    Nothing is left.
    """
    await world.paid_payment()

    assert not told(world)


async def test_a_free_course_is_told_too(world: MemoryWorld) -> None:
    """
    Its payment is new in that unit: what comes later has a greater sequence.
    """
    listen(world)
    world.add_code(a_code("ALL", percent=100))
    await world.begin_payment(code="ALL")

    assert kinds(world) == [Kind.PAYMENT_SUCCEEDED, Kind.ENROLMENT_STARTED]
    assert {each.sequence for each in told(world)} == {1}
    assert told(world)[0].data["amount"] == "0.00"


async def test_a_payment_that_failed_says_why(world: MemoryWorld) -> None:
    """
    In the words of the API.
    """
    listen(world)
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    await world.deliver_webhook(payment.id)

    (failed,) = told(world)
    assert failed.type is Kind.PAYMENT_FAILED
    assert (failed.data["status"], failed.data["enrolled"]) == ("failed", False)
    assert failed.data["reason"] == world.payment(payment.id).failure


async def test_a_payment_that_its_student_ended_says_so(world: MemoryWorld) -> None:
    """
    It failed, for a reason of its own; to end it twice is one fact.
    """
    listen(world)
    payment = await world.begin_payment()
    for _ in range(2):
        await world.cancel_payment(payment.id, ASHA.id, BY_ASHA)

    (failed,) = told(world)
    assert failed.type is Kind.PAYMENT_FAILED
    assert (failed.data["status"], failed.data["enrolled"]) == ("failed", False)
    assert failed.data["reason"] == "cancelled_by_student"


async def test_a_payment_that_lapsed_may_still_succeed(world: MemoryWorld) -> None:
    """
    Both are facts, and the later one has the greater sequence.
    """
    listen(world)
    payment = await world.begin_payment()
    world.clock.move(LAPSE)
    await world.ask_status(payment.id)
    world.clock.move(timedelta(minutes=1))
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)

    expired, succeeded, started = told(world)
    assert (expired.type, succeeded.type) == (Kind.PAYMENT_EXPIRED, Kind.PAYMENT_SUCCEEDED)
    assert expired.sequence < succeeded.sequence == started.sequence


async def test_a_refund_is_told_step_by_step(world: MemoryWorld) -> None:
    """
    Requested, with the bank, paid; then the course ends, and the credit note is issued.
    """
    listen(world)
    payment = await world.paid_payment()
    while await world.relay_outbox():
        pass
    before = len(told(world))
    world.gateway.refunds_end(RefundVerdict.PAID)
    refund = await ask_refund(world, payment.id, 1180_00, revokes=True)
    while await world.relay_outbox():
        pass

    after = told(world)[before:]
    assert [each.type for each in after] == [
        Kind.REFUND_REQUESTED,
        Kind.REFUND_SUCCEEDED,
        Kind.ENROLMENT_ENDED,
        Kind.DOCUMENT_ISSUED,
    ]
    requested, paid, ended, note = after
    assert (requested.subject, requested.data["refund_amount"]) == (refund.id, "1180.00")
    assert paid.sequence > requested.sequence
    assert (paid.data["status"], paid.data["refund_status"]) == ("refunded", "success")
    assert ended.subject == payment.id
    assert (note.data["kind"], note.data["refund_id"]) == ("credit_note", refund.id)


async def test_a_refund_that_the_bank_refused_is_told(world: MemoryWorld) -> None:
    """
    The money is still here, and the course stays open although the refund was to end it.
    """
    listen(world)
    payment = await world.paid_payment()
    refund = await ask_refund(world, payment.id, 1180_00, revokes=True)
    before = len(told(world))
    world.gateway.move_refund(payment.id, refund.id, RefundVerdict.FAILED)
    await poll_refunds_after(world)

    (failed,) = told(world)[before:]
    assert (failed.type, failed.subject) == (Kind.REFUND_FAILED, refund.id)
    assert (failed.data["status"], failed.data["refund_status"]) == ("success", "failed")
    assert failed.data["refund_amount"] == "1180.00"


async def test_documents_name_what_the_platform_called_the_purchase(world: MemoryWorld) -> None:
    """
    Invoice and credit note, as all else about the payment.
    """
    listen(world)
    payment = await world.begin_payment(reference="order-4711")
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    world.gateway.refunds_end(RefundVerdict.PAID)
    await ask_refund(world, payment.id, 1180_00, revokes=True)
    while await world.relay_outbox():
        pass

    documents = [each for each in told(world) if each.type is Kind.DOCUMENT_ISSUED]
    assert [each.data["kind"] for each in documents] == ["tax_invoice", "credit_note"]
    assert {each.data["client_reference"] for each in told(world)} == {"order-4711"}


async def test_a_dispute_is_told_as_it_moves(world: MemoryWorld) -> None:
    """
    With its amount and until when evidence is accepted.
    """
    listen(world)
    payment = await world.paid_payment()
    before = len(told(world))
    facts = await world.gateway.read_order(payment.id, ASHA.id)
    for state in (DisputeState.RECEIVED, DisputeState.LOST, DisputeState.LOST):
        dispute = DisputeFacts(id="D1", amount=None, state=state)
        world.gateway.answer(payment.id, replace(facts, disputes=(dispute,)))
        await world.deliver_webhook(payment.id)

    received, lost = told(world)[before:]
    assert (received.type, lost.type) == (Kind.DISPUTE_RECEIVED, Kind.DISPUTE_LOST)
    assert received.data["dispute_amount"] == "1180.00"
    assert str(received.data["respond_by"]).endswith("Z")
    assert lost.sequence > received.sequence


@pytest.mark.parametrize("state", DisputeState)
async def test_each_state_of_a_dispute_has_a_type(world: MemoryWorld, state: DisputeState) -> None:
    """
    Any of them may be the first of which the bank tells.
    """
    listen(world)
    payment = await world.paid_payment()
    before = len(told(world))
    facts = await world.gateway.read_order(payment.id, ASHA.id)
    dispute = DisputeFacts(id="D1", amount=Money(PART), state=state)
    world.gateway.answer(payment.id, replace(facts, disputes=(dispute,)))
    await world.deliver_webhook(payment.id)

    (event,) = told(world)[before:]
    assert (event.type, event.subject) == (f"dispute.{state}", "D1")
    assert (event.data["dispute_status"], event.data["dispute_amount"]) == (state, "100.00")


async def test_a_refund_that_waits_for_approval_is_told_too(world: MemoryWorld) -> None:
    """
    What a second person decides, and what became of it at the bank.
    """
    listen(world)
    world.approve_alone_up_to(Money(0))
    payment = await world.paid_payment()
    before = len(told(world))
    approved = await ask_refund(world, payment.id, PART)
    await approve_refund(world, payment.id, approved.id)
    rejected = await ask_refund(world, payment.id, PART)
    await reject_refund(world, payment.id, rejected.id)
    withdrawn = await ask_refund(world, payment.id, PART)
    await reject_refund(world, payment.id, withdrawn.id, by=BY_STAFF)

    assert kinds(world)[before:] == [
        Kind.REFUND_REQUESTED,
        Kind.REFUND_APPROVED,
        Kind.REFUND_PENDING,
        Kind.REFUND_REQUESTED,
        Kind.REFUND_REJECTED,
        Kind.REFUND_REQUESTED,
        Kind.REFUND_WITHDRAWN,
    ]
    assert told(world)[before].data["refund_status"] == "awaiting_approval"


async def test_a_request_that_lapsed_is_told_as_rejected(world: MemoryWorld) -> None:
    """
    Nobody decided in time.
    """
    listen(world)
    world.approve_alone_up_to(Money(0))
    payment = await world.paid_payment()
    await ask_refund(world, payment.id, PART)
    world.clock.move(timedelta(days=30))
    lapse = world.use_cases.refunds().lapse_requests()

    assert await lapse() == 1
    assert kinds(world)[-1] is Kind.REFUND_REJECTED


async def test_a_second_charge_that_goes_back_closes_nobodys_course(world: MemoryWorld) -> None:
    """
    It opened nothing: the course that the first one opened stays open.
    """
    listen(world)
    first = await world.begin_payment()
    world.clock.move(LAPSE)
    await world.ask_status(first.id)
    second = await world.begin_payment()
    for each in (second, first):
        world.gateway.pay(each.id)
        await world.deliver_webhook(each.id)
    world.gateway.refunds_end(RefundVerdict.PAID)
    await poll_refunds_after(world)

    assert world.payment(first.id).state is State.REFUNDED
    of_first = [each for each in told(world) if each.payment == first.id]
    assert [each.type for each in of_first] == [
        Kind.PAYMENT_EXPIRED,
        Kind.PAYMENT_SUCCEEDED,
        Kind.REFUND_REQUESTED,
        Kind.REFUND_SUCCEEDED,
    ]
    assert of_first[1].data["enrolled"] is False
    assert kinds(world).count(Kind.ENROLMENT_STARTED) == 1


async def test_the_platform_finds_its_own_number(world: MemoryWorld) -> None:
    """
    Each event about a payment that bears a client reference tells it.
    """
    listen(world)
    payment = await world.begin_payment(reference="order-4711")
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)

    assert [each.data.get("client_reference") for each in told(world)] == ["order-4711"] * 2
