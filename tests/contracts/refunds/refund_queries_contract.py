"""What staff see of refunds on their way: run against the fake and against PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from contracts.payments.payments_contract import charged
from contracts.storage import Storage, add, enrol, get, save
from domain.errors import NotFound
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.consent import Consent
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund import Refund, RefundRequest
from domain.payments.refund_state import RefundState
from fakes.clock import NOON
from fakes.samples import a_course, a_payment, payment_id
from ports.refunds.refund_queries import (
    DisputedPayment,
    EndedRefund,
    OpenRefund,
    RefundCursor,
    StaffPaymentView,
    StaffRefundView,
)

ALONE: Final = Money(500_00)
MINUTE: Final = timedelta(minutes=1)


def asking(refund: str, rupees: int = 100) -> RefundRequest:
    return RefundRequest(
        id=RefundId(refund), amount=Money(rupees * 100), reason="course cancelled", by="staff:mira"
    )


async def sold(storage: Storage, number: int = 1) -> Payment:
    """Keep a payment that took money, and return it as it is kept."""
    await add(storage, charged(a_payment(number, course=a_course(f"course-{number}"))))
    return (await get(storage, payment_id(number))).payment


async def refunding(storage: Storage, *refunds: str, number: int = 1, after: int = 0) -> None:
    """Ask for refunds of a payment of its own, each a minute after the other."""
    payment = await sold(storage, number)
    for minutes, refund in enumerate(refunds, start=after):
        payment = payment.request_refund(
            asking(refund), at=NOON + minutes * MINUTE, approval_threshold=ALONE
        )
    await save(storage, payment)


class RefundQueriesContract:
    """Subclasses give the fixture ``storage``."""

    async def test_a_refund_is_shown_as_it_stands(self, storage: Storage) -> None:
        """
        With whose and which payment it is of, who asked and why, and nothing that was never said.
        """
        payment = await sold(storage)
        request = replace(asking("RF1", 600), revokes=True)
        await save(storage, payment.request_refund(request, at=NOON, approval_threshold=ALONE))

        page = await storage.refunds.in_flight(at_most=5)

        assert page.next is None
        assert page.items == [
            OpenRefund(
                refund_id="RF1",
                transaction_id=payment.id,
                student_id="asha",
                course_title="All about course-1",
                amount="600.00",
                status=RefundState.AWAITING_APPROVAL,
                reason="course cancelled",
                revoke_access=True,
                asked_by="staff:mira",
                asked_at=NOON,
                decided_by=None,
                decided_at=None,
                arn=None,
            )
        ]

    async def test_what_one_person_did_lately_is_counted(self, storage: Storage) -> None:
        """
        Their own requests and decisions after the instant, the oldest first, whatever became of them.
        """
        payment = await sold(storage)
        for number, refund in enumerate(("RF1", "RF2", "RF3")):
            payment = payment.request_refund(
                asking(refund, 300), at=NOON + number * MINUTE, approval_threshold=ALONE
            )
        late = NOON + 9 * MINUTE
        await save(storage, payment.approve_refund(RefundId("RF3"), by="staff:omar", at=late))
        reads = storage.refunds

        assert await reads.requested_since("staff:mira", NOON) == [
            NOON + MINUTE,
            NOON + 2 * MINUTE,
        ]
        assert await reads.decided_since("staff:omar", NOON) == [late]
        assert await reads.decided_since("staff:omar", late) == []
        assert await reads.requested_since("staff:omar", NOON - MINUTE) == []

    async def test_refunds_at_their_end_are_listed(self, storage: Storage) -> None:
        """
        The latest request first, page by page, those of one state alone if need be; those in flight are not there.
        """
        payment = await sold(storage)
        for number, refund in enumerate(("RF1", "RF2", "RF3", "RF4")):
            payment = payment.request_refund(
                asking(refund, 200 + number), at=NOON + number * MINUTE, approval_threshold=ALONE
            )
        late = NOON + 9 * MINUTE
        for name in ("RF3", "RF4"):
            payment = payment.reject_refund(RefundId(name), by="staff:omar", at=late)
        await save(storage, payment)
        reads = storage.refunds

        first = await reads.ended(at_most=1)
        assert first.next == RefundCursor(
            asked_at=NOON + 3 * MINUTE, payment=payment.id, refund=RefundId("RF4")
        )
        assert first.items == [
            EndedRefund(
                refund_id="RF4",
                transaction_id=payment.id,
                student_id="asha",
                course_title="All about course-1",
                amount="203.00",
                status=RefundState.REJECTED,
                reason="course cancelled",
                made_outside=False,
                asked_by="staff:mira",
                asked_at=NOON + 3 * MINUTE,
                decided_by="staff:omar",
                decided_at=late,
                closed_at=first.items[0].closed_at,
                arn=None,
            )
        ]
        rest = await reads.ended(after=first.next, at_most=5)
        assert [each.refund_id for each in rest.items] == ["RF3"]
        assert rest.next is None
        rejected = await reads.ended(state=RefundState.REJECTED, at_most=5)
        assert [each.refund_id for each in rejected.items] == ["RF4", "RF3"]
        assert (await reads.ended(state=RefundState.SUCCESS, at_most=5)).items == []

    async def test_a_refund_is_read_with_its_payment(self, storage: Storage) -> None:
        """
        Whole, in the order in which they were asked for.
        """
        payment = await sold(storage)
        for number, refund in enumerate(("RF-B", "RF-A")):
            payment = payment.request_refund(
                asking(refund, 300), at=NOON + number * MINUTE, approval_threshold=ALONE
            )
        await save(storage, payment)

        kept = (await get(storage, payment.id)).payment

        assert kept == replace(payment, version=payment.version + 1)

    async def test_who_approved_is_shown(self, storage: Storage) -> None:
        """
        And when; what the bank says of it, too.
        """
        payment = (await sold(storage)).request_refund(
            asking("RF1", 600), at=NOON, approval_threshold=ALONE
        )
        approved = payment.approve_refund(RefundId("RF1"), by="staff:zoya", at=NOON + MINUTE)
        await save(storage, approved)

        (shown,) = (await storage.refunds.in_flight(at_most=5)).items

        assert (shown.status, shown.decided_by, shown.decided_at) == (
            "requested",
            "staff:zoya",
            NOON + MINUTE,
        )

    async def test_a_payment_is_shown_with_all_its_refunds(self, storage: Storage) -> None:
        """
        Whatever became of them: one that went back, one on its way, one that a colleague rejected.
        """
        payment = await sold(storage)
        await enrol(storage, payment)
        for minute, (refund, rupees) in enumerate((("RF1", 300), ("RF2", 100), ("RF3", 700))):
            at = NOON + minute * MINUTE
            payment = payment.request_refund(
                asking(refund, rupees), at=at, approval_threshold=ALONE
            )
        payment = payment.reject_refund(RefundId("RF3"), by="staff:zoya", at=NOON + 4 * MINUTE)
        told = RefundFacts(
            id=RefundId("RF1"),
            amount=Money(300_00),
            verdict=RefundVerdict.PAID,
            arn="74332746095000123456789",
            reference="6071",
        )
        facts = OrderFacts(payment=payment.id, verdict=Verdict.CHARGED, refunds=(told,))
        payment = apply_order_facts(
            payment, facts, at=NOON + 5 * MINUTE, owned_by=payment.id
        ).payment
        await save(storage, payment)

        shown = await storage.refunds.of_payment(payment.id)

        assert replace(shown, refunds=(), disputes=()) == StaffPaymentView(
            transaction_id=payment.id,
            student_id="asha",
            student_name="Asha",
            course_id="course-1",
            course_title="All about course-1",
            status=State.PARTIALLY_REFUNDED,
            payable="1180.00",
            captured="1180.00",
            captured_currency="INR",
            refunded="300.00",
            refunding="100.00",
            refundable="780.00",
            opens_course=True,
            attention=None,
            review_reasons=[],
            failure_reason=None,
            bank_txn_id="txn-1",
            bank_reference="0012",
            effective_amount="1180.00",
            surcharge="0.00",
            offer=None,
            opened_at=NOON,
            closed_at=NOON,
            refunds=(),
        )
        first, second, third = shown.refunds
        assert first == StaffRefundView(
            refund_id="RF1",
            amount="300.00",
            status=RefundState.SUCCESS,
            reason="course cancelled",
            revoke_access=False,
            made_outside=False,
            asked_by="staff:mira",
            asked_at=NOON,
            decided_by=None,
            decided_at=None,
            closed_at=NOON + 5 * MINUTE,
            expected_on=date(2026, 8, 12),
            bank_reference="6071",
            arn="74332746095000123456789",
            error=None,
        )
        assert (second.status, second.expected_on, second.closed_at) == (
            "requested",
            date(2026, 8, 12),
            None,
        )
        assert (third.status, third.expected_on, third.decided_by, third.decided_at) == (
            "rejected",
            None,
            "staff:zoya",
            NOON + 4 * MINUTE,
        )

    async def test_where_nothing_was_taken_nothing_is_refundable(self, storage: Storage) -> None:
        """
        And where there is no payment there is nothing to show.
        """
        agreed = Consent(version="5ac1" * 16, notice_url="https://learn.example.com/n", at=NOON)
        await add(storage, replace(a_payment(1), consent=agreed))

        shown = await storage.refunds.of_payment(payment_id(1))

        assert shown.consent == agreed
        assert (shown.status, shown.captured, shown.refundable) == ("pending", "0.00", "0.00")
        assert (shown.opens_course, shown.bank_reference, shown.refunds) == (False, None, [])
        with pytest.raises(NotFound):
            await storage.refunds.of_payment(payment_id(2))

    async def test_what_the_bank_gives_back_itself_is_nobodys_to_refund(
        self, storage: Storage
    ) -> None:
        """
        Money that came too late was taken and made no sale, even if its way back has failed.
        """
        await add(storage, a_payment(1))
        payment = (await get(storage, payment_id(1))).payment
        told = RefundFacts(
            id=RefundId("AR1"), amount=Money(1180_00), verdict=RefundVerdict.FAILED, automatic=True
        )
        facts = OrderFacts(
            payment=payment.id,
            verdict=Verdict.UNCLEAR,
            review_reason=ReviewReason.AUTO_REFUNDED,
            amount=Money(1180_00),
            currency="INR",
            refunds=(told,),
        )
        await save(
            storage, apply_order_facts(payment, facts, at=payment.expires_at + MINUTE).payment
        )

        shown = await storage.refunds.of_payment(payment.id)

        assert (shown.captured, shown.refundable) == ("1180.00", "0.00")
        assert [each.made_outside for each in shown.refunds] == [True]

    async def test_what_was_charged_otherwise_is_kept_and_shown(self, storage: Storage) -> None:
        """
        Another amount is refundable here; another currency in the bank's dashboard only.
        """
        for number, course, currency, left in (
            (1, "algebra", "INR", "900.00"),
            (2, "botany", "USD", "0.00"),
        ):
            await add(storage, a_payment(number, course=a_course(course)))
            payment = (await get(storage, payment_id(number))).payment
            facts = OrderFacts(
                payment=payment.id,
                verdict=Verdict.CHARGED,
                amount=Money(900_00),
                currency=currency,
            )
            failed = apply_order_facts(payment, facts, at=NOON, returns_mismatch=False).payment
            await save(storage, failed)

            shown = await storage.refunds.of_payment(payment.id)

            assert replace(failed, version=1) == (await get(storage, payment.id)).payment
            assert (shown.status, shown.captured, shown.captured_currency, shown.refundable) == (
                "failed",
                "900.00",
                currency,
                left,
            )

    async def test_what_has_come_to_an_end_is_not_shown(self, storage: Storage) -> None:
        """
        Neither what was rejected nor what reached the student.
        """
        payment = (await sold(storage)).request_refund(
            asking("RF1", 600), at=NOON, approval_threshold=ALONE
        )
        await save(storage, payment.reject_refund(RefundId("RF1"), by="staff:zoya", at=NOON))

        assert (await storage.refunds.in_flight(at_most=5)).items == []

    async def test_the_longest_waiting_comes_first_page_by_page(self, storage: Storage) -> None:
        """
        Every refund once, whatever payment it is of; the last page says that it is the last.
        """
        await refunding(storage, "RF-B", "RF-C", number=1, after=1)
        await refunding(storage, "RF-A", number=2)
        await refunding(storage, "RF-D", number=3, after=2)

        first = await storage.refunds.in_flight(at_most=3)
        rest = await storage.refunds.in_flight(after=first.next, at_most=3)

        shown = [each.refund_id for each in (*first.items, *rest.items)]
        assert shown == ["RF-A", "RF-B", "RF-C", "RF-D"]
        assert first.next == RefundCursor(
            asked_at=NOON + 2 * MINUTE, payment=payment_id(1), refund=RefundId("RF-C")
        )
        assert rest.next is None

    async def test_a_page_that_is_just_full_is_the_last(self, storage: Storage) -> None:
        """
        Nobody is sent to an empty page.
        """
        await refunding(storage, "RF-A", "RF-B")

        assert (await storage.refunds.in_flight(at_most=2)).next is None

    async def test_one_state_is_shown(self, storage: Storage) -> None:
        """
        Those that wait for a colleague, say; with pages as well.
        """
        await refunding(storage, *(f"RF-{number}" for number in range(7)))

        waiting = await storage.refunds.in_flight(state=RefundState.AWAITING_APPROVAL, at_most=1)
        more = await storage.refunds.in_flight(
            state=RefundState.AWAITING_APPROVAL, after=waiting.next, at_most=5
        )
        going = await storage.refunds.in_flight(state=RefundState.REQUESTED, at_most=9)

        assert [each.refund_id for each in (*waiting.items, *more.items)] == ["RF-5", "RF-6"]
        assert [each.refund_id for each in going.items] == [f"RF-{each}" for each in range(5)]

    async def test_disputes_come_by_deadline(self, storage: Storage) -> None:
        """
        Only payments with an open one, whole, page by page; one state when asked for.
        """
        for number, state, days in (
            (1, DisputeState.RECEIVED, 3),
            (2, DisputeState.UNDER_REVIEW, 1),
            (3, DisputeState.WON, 2),
            (4, DisputeState.RECEIVED, 3),
        ):
            payment = await sold(storage, number)
            told = DisputeFacts(
                id=f"cb-{number}",
                amount=Money(500_00),
                state=state,
                reason="10.4",
                respond_by=NOON + timedelta(days=days),
            )
            facts = OrderFacts(
                payment=payment.id,
                verdict=Verdict.CHARGED,
                amount=payment.captured,
                currency="INR",
                disputes=(told,),
            )
            await save(storage, apply_order_facts(payment, facts, at=NOON).payment)

        first = await storage.refunds.disputed(at_most=2)
        rest = await storage.refunds.disputed(after=first.next, at_most=2)
        received = await storage.refunds.disputed(state=DisputeState.RECEIVED, at_most=1)
        more = await storage.refunds.disputed(
            after=received.next, state=DisputeState.RECEIVED, at_most=1
        )

        shown = [each.transaction_id for each in (*first.items, *rest.items)]
        assert shown == [payment_id(2), payment_id(1), payment_id(4)]
        assert rest.next is None
        assert [each.transaction_id for each in received.items] == [payment_id(1)]
        assert [each.transaction_id for each in more.items] == [payment_id(4)]
        assert more.next is None
        (dispute,) = (await storage.refunds.of_payment(payment_id(2))).disputes
        assert first.items[0] == DisputedPayment(
            transaction_id=payment_id(2),
            student_id="asha",
            course_title="All about course-2",
            captured="1180.00",
            respond_by=NOON + timedelta(days=1),
            disputes=[dispute],
        )

    @pytest.mark.parametrize(
        ("state", "refundable"),
        [
            (DisputeState.UNDER_REVIEW, "0.00"),
            (DisputeState.LOST, "580.00"),
            (DisputeState.WON, "1080.00"),
        ],
    )
    async def test_what_a_dispute_takes_is_not_refundable(
        self, storage: Storage, state: DisputeState, refundable: str
    ) -> None:
        """
        Beside what is on its way back: the same sum as the payment itself allows. Alerts are shown.
        """
        await refunding(storage, "RF1")
        payment = (await get(storage, payment_id(1))).payment
        told = DisputeFacts(id="cb-1", amount=Money(500_00), state=state)
        facts = OrderFacts(
            payment=payment.id,
            verdict=Verdict.CHARGED,
            amount=payment.captured,
            currency="INR",
            disputes=(told,),
        )
        disputed = apply_order_facts(payment, facts, at=NOON).payment
        await save(storage, disputed.alerted_of(["cb-1"], NOON))

        shown = await storage.refunds.of_payment(payment.id)

        kept = (await get(storage, payment.id)).payment
        assert shown.refundable == kept.refundable.plain() == refundable
        assert shown.disputes[0].alerted_at == (NOON if state.is_open else None)

    async def test_a_refund_leads_to_its_payment(self, storage: Storage) -> None:
        """
        Whatever became of it.
        """
        await refunding(storage, "RF-A", number=2)

        assert await storage.refunds.payment_of(RefundId("RF-A")) == payment_id(2)
        with pytest.raises(NotFound) as refusal:
            await storage.refunds.payment_of(RefundId("RF-B"))
        assert refusal.value.kind == "refund"

    async def test_a_refund_made_at_the_bank_is_not_ours_to_decide(self, storage: Storage) -> None:
        """
        It is on the list, under the bank's word, and nobody is led to it by its number.
        """
        payment = await sold(storage)
        told = RefundFacts(id=RefundId("9987"), amount=Money(100_00), verdict=RefundVerdict.PENDING)
        adopted = Refund.adopt(told, Money(100_00), NOON)
        await save(storage, replace(payment, refunds=payment.refunds.with_(adopted)))

        (shown,) = (await storage.refunds.in_flight(at_most=5)).items

        assert (shown.refund_id, shown.asked_by) == ("9987", "bank")
        with pytest.raises(NotFound):
            await storage.refunds.payment_of(RefundId("9987"))
