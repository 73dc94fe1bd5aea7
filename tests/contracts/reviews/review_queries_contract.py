"""What any view of payments under review must show; run against memory and against PostgreSQL."""

from datetime import timedelta

from contracts.payments.payments_contract import charged, failed
from contracts.storage import Storage, add, save
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.resolution import Resolution
from domain.staff.access import Role
from fakes.clock import NOON
from fakes.samples import a_course, a_payment, payment_id, under_review
from ports.reviews.review_queries import NAMED_MAX, OpenReasonView, ReviewCount, ReviewedPayment

HOUR = timedelta(hours=1)
TWICE, VOIDED = ReviewReason.PAID_TWICE, ReviewReason.VOIDED


def flagged(number: int, *reasons: ReviewReason, hours: int = 0) -> Payment:
    """Return a failed payment that is under review since so many *hours* after noon."""
    return under_review(failed(a_payment(number)), *reasons, at=NOON + hours * HOUR)


class ReviewQueriesContract:
    async def test_the_longest_under_review_comes_first(self, storage: Storage) -> None:
        """
        One without a reason is not shown, and every further page begins behind the last.
        """
        await add(
            storage,
            flagged(1, VOIDED, hours=2),
            flagged(2, VOIDED, hours=1),
            flagged(3, VOIDED, hours=2),
            failed(a_payment(4)),
        )

        first = await storage.reviews.under_review(at_most=2)
        rest = await storage.reviews.under_review(after=first.next, at_most=2)

        shown = [each.transaction_id for each in (*first.items, *rest.items)]
        assert shown == [payment_id(2), payment_id(1), payment_id(3)]
        assert rest.next is None

    async def test_a_payment_is_shown_with_all_its_reasons(self, storage: Storage) -> None:
        """
        Each with its age, its owner and what may be done about it now.
        """
        sold = under_review(charged(a_payment()), TWICE)
        await add(storage, sold.flagged(VOIDED, at=NOON + HOUR))

        (shown,) = (await storage.reviews.under_review(at_most=9)).items

        assert shown == ReviewedPayment(
            transaction_id=payment_id(1),
            student_id="asha",
            course_title=a_payment().quote.course_title,
            status=State.SUCCESS,
            payable="1180.00",
            captured="1180.00",
            captured_currency="INR",
            refundable="1180.00",
            opened_at=NOON,
            review_since=NOON,
            reasons=[
                OpenReasonView(
                    reason=ReviewReason.PAID_TWICE,
                    since=NOON,
                    owner=Role.FINANCE,
                    resolutions=[Resolution.READ_AGAIN, Resolution.GIVE_BACK, Resolution.ACCEPT],
                ),
                OpenReasonView(
                    reason=ReviewReason.VOIDED,
                    since=NOON + HOUR,
                    owner=Role.SUPPORT,
                    resolutions=[Resolution.READ_AGAIN, Resolution.ACCEPT],
                ),
            ],
        )

    async def test_one_reason_can_be_asked_for(self, storage: Storage) -> None:
        """
        Beside others, and page by page; a reason that was accepted is none.
        """
        await add(
            storage,
            flagged(1, VOIDED),
            flagged(2, VOIDED, TWICE, hours=1),
            flagged(3, TWICE, hours=2),
        )

        first = await storage.reviews.under_review(reason=TWICE, at_most=1)
        rest = await storage.reviews.under_review(reason=TWICE, after=first.next, at_most=1)

        assert [each.transaction_id for each in first.items] == [payment_id(2)]
        assert [each.transaction_id for each in rest.items] == [payment_id(3)]
        assert rest.next is None
        none = await storage.reviews.under_review(reason=ReviewReason.UNRESOLVED, at_most=1)
        assert (none.items, none.next) == ([], None)

    async def test_what_ended_is_not_shown(self, storage: Storage) -> None:
        """
        Neither in the list nor in the counts.
        """
        await add(storage, flagged(1, VOIDED))
        await save(storage, flagged(1, VOIDED).cleared(VOIDED))

        assert (await storage.reviews.under_review(at_most=9)).items == []
        assert await storage.reviews.by_reason() == []

    async def test_each_reason_is_counted(self, storage: Storage) -> None:
        """
        With its oldest instant and its oldest payments, of which only so many are named.
        """
        course = a_course("botany")
        many = [
            under_review(failed(a_payment(number, course=course)), VOIDED, at=NOON + number * HOUR)
            for number in range(2, NAMED_MAX + 3)
        ]
        await add(storage, flagged(1, VOIDED, TWICE), *many)

        found = await storage.reviews.by_reason()

        assert found == [
            ReviewCount(reason=TWICE, count=1, since=NOON, payments=(payment_id(1),)),
            ReviewCount(
                reason=VOIDED,
                count=NAMED_MAX + 2,
                since=NOON,
                payments=tuple(payment_id(number) for number in range(1, NAMED_MAX + 1)),
            ),
        ]
