"""What any view of the books must show to the matching of settlements; on memory and on PostgreSQL."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contracts.payments.payments_contract import charged, failed
from contracts.storage import Storage, add, get, save
from domain.business_day import business_day_of
from domain.identifiers import RefundId
from domain.ledger.payment_postings import refund_journals
from domain.ledger.postings import post_capture, post_corrected_capture
from domain.money import Money
from domain.payments.client_reference import ClientReference
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import Instrument, OrderFacts, RefundFacts, RefundVerdict, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund import RefundRequest
from domain.payments.refund_news import RefundMove
from domain.payments.refund_state import RefundState
from fakes.clock import NOON
from fakes.samples import a_code, a_course, a_payment, payment_id, refund_id
from ports.reconciliation.book_reads import BookRecord

TODAY: Final = business_day_of(NOON)
DAY: Final = timedelta(days=1)
CAPTURED: Final = NOON + timedelta(minutes=1)


async def sold(storage: Storage, number: int, *refunds: RefundId, paid: int = 0) -> None:
    """Keep a sale with refunds of 100.00; the first *paid* of them were paid two days later."""
    begun = a_payment(number, course=a_course(f"course-{number}"))
    begun = replace(begun, client_reference=ClientReference(f"order-{number}"))
    await add(storage, charged(begun))
    payment = (await get(storage, payment_id(number))).payment
    for refund in refunds:
        wanted = RefundRequest(
            id=refund, amount=Money(100_00), reason="course cancelled", by="staff:mira"
        )
        payment = payment.request_refund(wanted, at=NOON, approval_threshold=Money(500_00))
    facts = OrderFacts(
        payment=payment.id,
        verdict=Verdict.CHARGED,
        amount=payment.quote.payable,
        currency="INR",
        bank_txn_id="txn-1",
        bank_reference="0012",
        instrument=Instrument(method="CARD"),
        charged_at=CAPTURED,
        refunds=tuple(
            RefundFacts(
                id=refund,
                amount=Money(100_00),
                verdict=RefundVerdict.PAID,
                reference="9912",
                arn="7" * 23,
            )
            for refund in refunds[:paid]
        ),
    )
    at, paid_at = NOON, NOON + 2 * DAY
    if refunds:
        payment = apply_order_facts(payment, facts, at=paid_at).payment
        await save(storage, payment)
    await post_facts(storage, payment, at)


async def post_facts(storage: Storage, payment: Payment, at: datetime) -> None:
    """Post the capture of *payment* and its refunds, as the units do that store them."""
    assert payment.capture
    capture = post_capture(
        payment.id, payment.captured, business_day_of(payment.capture.at), applied=True
    )
    refunds = [
        journal
        for refund in payment.refunds
        for journal in refund_journals(payment, RefundMove(refund, None), applied=True, at=at)
    ]
    async with storage.unit_of_work() as work:
        for journal in (capture, *refunds):
            if journal:
                work.ledger.journals.post(journal, at)


class BookReadsContract:
    async def test_sales_and_paid_refunds_stand_on_their_days(self, storage: Storage) -> None:
        """
        A sale on the day of its capture, a refund on the day on which it was paid; nothing else.
        """
        await sold(storage, 1, refund_id(1), refund_id(2), paid=1)
        await add(storage, failed(a_payment(2, course=a_course("other"))))

        today = await storage.books.settleable(TODAY, TODAY)
        later = await storage.books.settleable(TODAY + DAY, TODAY + 2 * DAY)
        never = await storage.books.settleable(TODAY - 2 * DAY, TODAY - DAY)
        open_today = await storage.books.unsettled(TODAY)

        assert today == [
            BookRecord(
                id=payment_id(1),
                payment_id=payment_id(1),
                amount=Money(1180_00),
                at=CAPTURED,
                state=State.PARTIALLY_REFUNDED,
                method="CARD",
                rrn="0012",
                expected=True,
                client_reference="order-1",
            )
        ]
        assert open_today == today
        assert {each.id for each in await storage.books.unsettled(TODAY + 2 * DAY)} == {
            payment_id(1),
            refund_id(1),
        }
        assert [(each.id, each.state, each.arn) for each in later] == [
            (refund_id(1), RefundState.SUCCESS, "7" * 23)
        ]
        assert never == []

    async def test_a_fact_is_expected_once(self, storage: Storage) -> None:
        """
        A unit that is repeated expects nothing more; a corrected charge is expected as corrected.
        """
        await sold(storage, 1)
        payment = (await get(storage, payment_id(1))).payment
        await post_facts(storage, payment, NOON)
        correction = post_corrected_capture(
            payment.id, TODAY, before=Money(10_00), now=Money(9_00), applied=False, sequence=2
        )
        assert correction
        for _ in range(2):
            async with storage.unit_of_work() as work:
                work.ledger.journals.post(correction, NOON)

        assert [each.id for each in await storage.books.unsettled(TODAY)] == [payment.id]
        assert await storage.expected_paise() == 1180_00 - 1_00

    async def test_what_a_line_names_is_there_in_any_state(self, storage: Storage) -> None:
        """
        A payment with all its refunds, and what a refund belongs to; nothing twice, nothing unknown.
        """
        await sold(storage, 1, refund_id(1), refund_id(2), paid=1)
        await sold(storage, 3, refund_id(3))
        await add(storage, failed(a_payment(2, course=a_course("other"))))

        found = await storage.books.named(
            {payment_id(1), payment_id(2), payment_id(9)}, {refund_id(1), refund_id(3)}
        )

        assert {each.id for each in found if each.expected} == {
            payment_id(1),
            refund_id(1),
            payment_id(3),
        }
        assert {(each.id, each.state) for each in found} == {
            (payment_id(1), State.PARTIALLY_REFUNDED),
            (refund_id(1), RefundState.SUCCESS),
            (refund_id(2), RefundState.REQUESTED),
            (payment_id(2), State.FAILED),
            (payment_id(3), State.SUCCESS),
            (refund_id(3), RefundState.REQUESTED),
        }
        assert [each.payment_id for each in found] == sorted(each.payment_id for each in found)
        assert await storage.books.named((), ()) == []

    async def test_a_free_course_is_no_part_of_the_books(self, storage: Storage) -> None:
        """
        The bank never settles what cost nothing.
        """
        await add(storage, a_payment(1, discount=a_code(percent=100)))

        assert await storage.books.named({payment_id(1)}, ()) == []
