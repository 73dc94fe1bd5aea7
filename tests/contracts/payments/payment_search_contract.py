"""What any search of payments must find; run against memory and against PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from contracts.documents.documents_contract import invoice, issue, numbers
from contracts.payments.payments_contract import charged, failed
from contracts.refunds.refunds_contract import asking, news, paid, request
from contracts.storage import Storage, add, get, save
from domain.money import Money
from domain.payments.client_reference import ClientReference
from domain.payments.order_decisions import apply_order_facts
from domain.payments.payment import Payment, Student
from domain.payments.payment_state import State
from domain.payments.search_term import SearchTerm
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_course, a_payment, payment_id, refund_id
from ports.payments.payment_search import FoundPayment, PaymentFilter

MINUTE = timedelta(minutes=1)


def begun(number: int, student: Student = ASHA, *, rupees: int = 1180) -> Payment:
    """Return a payment begun so many minutes after noon."""
    course = a_course(f"course-{number}", rupees=rupees)
    return a_payment(number, student=student, course=course, at=NOON + number * MINUTE)


async def ids(storage: Storage, typed: str = "", **filters: Any) -> Sequence[str]:
    wanted = PaymentFilter(term=SearchTerm.read(typed), **filters)
    found = await storage.search.find(wanted, at_most=20)
    return [each.transaction_id for each in found.items]


class PaymentSearchContract:
    async def test_the_newest_comes_first(self, storage: Storage) -> None:
        """
        Page by page, each beginning behind the last of the one before.
        """
        await add(storage, *(begun(number) for number in (1, 2, 3)))
        first = await storage.search.find(PaymentFilter(), at_most=2)
        rest = await storage.search.find(PaymentFilter(), after=first.next, at_most=2)

        shown = [each.transaction_id for each in (*first.items, *rest.items)]
        assert shown == [payment_id(3), payment_id(2), payment_id(1)]
        assert rest.next is None

    async def test_a_line_tells_who_what_and_how_it_stands(self, storage: Storage) -> None:
        """
        The address is masked: whoever needs it looks at the payment.
        """
        payment = charged(begun(1))
        await add(storage, payment)

        (found,) = (await storage.search.find(PaymentFilter(), at_most=2)).items
        assert payment.capture is not None
        assert found == FoundPayment(
            transaction_id=payment.id,
            student_id="asha",
            student_name=ASHA.name,
            student_email="a•••@example.com",
            course_id="course-1",
            course_title=payment.quote.course_title,
            status=State.SUCCESS,
            payable="1180.00",
            refunded="0.00",
            refunding="0.00",
            method=payment.capture.instrument.method or None,
            failure_reason=None,
            under_review=False,
            opened_at=NOON + MINUTE,
            closed_at=payment.closed_at,
        )

    async def test_a_period_is_half_open(self, storage: Storage) -> None:
        """
        Its first instant is in it, its end is not.
        """
        await add(storage, *(begun(number) for number in (1, 2, 3)))
        period: dict[str, Any] = {"opened_from": NOON + MINUTE, "opened_before": NOON + 3 * MINUTE}

        assert await ids(storage, **period) == [payment_id(2), payment_id(1)]
        page = await storage.search.find(PaymentFilter(**period), at_most=1)
        rest = await storage.search.find(PaymentFilter(**period), after=page.next, at_most=9)
        assert [each.transaction_id for each in rest.items] == [payment_id(1)]

    async def test_filters_narrow_together(self, storage: Storage) -> None:
        """
        By state and by amount, both ends included, with a term as without.
        """
        await add(
            storage,
            failed(begun(1, rupees=100)),
            failed(begun(2, rupees=200)),
            begun(3, rupees=200),
            failed(begun(4, rupees=300)),
        )
        amounts: dict[str, Any] = {
            "lowest": Money.from_rupees("100"),
            "highest": Money.from_rupees("200"),
        }
        for typed in ("", "asha", "ASHA@example.com"):
            assert await ids(storage, typed, state=State.FAILED, **amounts) == [
                payment_id(2),
                payment_id(1),
            ]
            assert await ids(storage, typed, lowest=Money.from_rupees("201")) == [payment_id(4)]

    async def test_each_id_leads_to_its_payment(self, storage: Storage) -> None:
        """
        Ours, the bank's, the student's; nothing else is found, and no empty field is an id.
        """
        asha = replace(ASHA, phone="+919845012345")
        order = ClientReference("order-4711")
        sold = replace(charged(begun(1, asha)), client_reference=order)
        await add(storage, sold, begun(2, RAVI))
        assert sold.capture is not None
        known = [
            sold.id,
            f"https://fees.example.com/result/{sold.id}?x=1",
            sold.id.lower(),
            sold.capture.bank_txn_id,
            sold.capture.bank_reference,
            "order-4711",
            "asha",
            "Asha@Example.com",
            "98450 12345",
            "+91 98450 12345",
            "09845012345",
        ]
        for typed in known:
            assert await ids(storage, typed) == [sold.id], typed
        for typed in ("ash", "SKAAAAAAAAAAAAAAAAAAAA", "9845012346", "''", "%", "RF"):
            assert not await ids(storage, typed), typed

    async def test_a_refund_leads_to_its_payment(self, storage: Storage) -> None:
        """
        By our id, by the bank's reference and by its ARN.
        """
        sold = charged(begun(1))
        await add(storage, sold, charged(begun(2, RAVI)))
        asked = asking((await get(storage, sold.id)).payment, request(1))
        await save(storage, asked)
        told = replace(paid(refund_id(1), 100_00, arn="74537604221"), reference="back-1")
        found = (await get(storage, sold.id)).payment
        await save(storage, apply_order_facts(found, news(found, told), at=NOON + MINUTE).payment)

        for typed in (refund_id(1), "74537604221", "back-1"):
            assert await ids(storage, typed) == [sold.id], typed

    async def test_a_document_leads_to_its_payment(self, storage: Storage) -> None:
        """
        By the number that the student reads off the PDF.
        """
        await add(storage, begun(1), begun(2, RAVI))
        await issue(storage, invoice(1))
        (number,) = await numbers(storage, 1)

        assert await ids(storage, number) == [payment_id(1)]
