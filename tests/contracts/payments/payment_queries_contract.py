"""What any keeper of payments must show: to students their own, to sweepers the overdue, to staff the catalogue."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.payments.payments_contract import PAGE, charged, failed, retried
from contracts.storage import (
    BY_MIRA,
    SECOND,
    Storage,
    add,
    enrol,
    facts,
    get,
    put_code,
    put_course,
    save,
    uses,
)
from domain.catalogue.course import CourseId
from domain.catalogue.discount import Percent
from domain.errors import ChangedMeanwhile, NotFound
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.retry import RETRY_WITHIN
from domain.tax.gstin import Gstin
from domain.tax.indian_states import SecondTax
from fakes.clock import NOON
from fakes.samples import (
    ASHA,
    ASHAS_BILL,
    BY_ASHA,
    BY_STATUS,
    LIFETIME,
    RAVI,
    a_code,
    a_course,
    a_payment,
    payment_id,
    under_review,
)
from ports.audit_log import AuditEntry, Source
from ports.payments.checkout_facts import CheckoutQuery
from ports.payments.payment_queries import (
    HistoryCursor,
    HistoryPage,
    PaymentView,
    PriceView,
    StatusView,
    TimelineStep,
)

MOMENT = timedelta(microseconds=1)
BEYOND = Money(2**63)
"""More paise than 64 bits hold: the domain's own door lets no such amount in."""


class StatusContract:
    async def test_the_student_sees_their_payment(self, storage: Storage) -> None:
        """
        Amounts in rupees, the page to go on with, and no more than is theirs to know.
        """
        await add(storage, a_payment(discount=a_code()).with_gateway_order(PAGE))

        expected = StatusView(
            transaction_id=payment_id(1),
            order_id=payment_id(1),
            status=State.PENDING,
            payable="1062.00",
            breakdown=PriceView(
                list_price="1180.00",
                discount="118.00",
                discount_code="TEN",
                taxable="900.00",
                cgst="81.00",
                sgst="81.00",
                igst="0.00",
                payable="1062.00",
                second_tax=SecondTax.SGST,
                gst_rate="18",
            ),
            enrolled=False,
            failure_reason=None,
            needs_attention=False,
            timeline=[],
            course_id="algebra",
            course_title="All about algebra",
            payment_url=PAGE.payment_url,
            expires_at=NOON + LIFETIME,
            retry_until=None,
            retry_of=None,
            retried_as=None,
            refunded="0.00",
            refunds=[],
            invoice_number=None,
            credit_note_numbers=[],
        )
        assert expected == await storage.queries.status(payment_id(1), ASHA.id)

    async def test_the_timeline_is_in_order_of_writing(self, storage: Storage) -> None:
        """
        Every move once, oldest first, also when the clock stood; other lines are not shown.
        """
        await add(storage, a_payment())
        moves = ((State.PENDING, BY_ASHA), (State.PROCESSING, BY_STATUS), (None, BY_STATUS))
        for to_state, origin in (*moves, (State.SUCCESS, BY_STATUS)):
            for subject in (payment_id(1), payment_id(2)):
                entry = AuditEntry(
                    at=NOON, origin=origin, action="x", subject=subject, to_state=to_state
                )
                async with storage.unit_of_work() as work:
                    work.audit.add(entry)

        view = await storage.queries.status(payment_id(1), ASHA.id)

        assert [
            TimelineStep(at=NOON, state=State.PENDING, source=Source.INITIATE),
            TimelineStep(at=NOON, state=State.PROCESSING, source=Source.STATUS),
            TimelineStep(at=NOON, state=State.SUCCESS, source=Source.STATUS),
        ] == list(view.timeline)

    async def test_ends_are_told(self, storage: Storage) -> None:
        """
        Failure, need of attention, and whether the course is open.
        """
        flagged = under_review(failed(a_payment(1)), ReviewReason.UNKNOWN_STATUS)
        await add(storage, flagged, charged(a_payment(2)))
        await enrol(storage, a_payment(2))

        lost = await storage.queries.status(payment_id(1), ASHA.id)
        sold = await storage.queries.status(payment_id(2), ASHA.id)

        assert (
            lost.status,
            lost.failure_reason,
            lost.needs_attention,
        ) == ("failed", FailureReason.GATEWAY_UNREACHABLE, True)
        assert lost.payment_url is None
        assert (sold.status, sold.enrolled) == ("success", True)

    async def test_the_way_to_a_retry_is_told(self, storage: Storage) -> None:
        """
        Until when, and once it was gone, where it leads; a retry without a page leaves it open.
        """
        first = failed(a_payment())
        (second,) = retried(first, 2)
        lost, third = failed(second), retried(first, 3)[0]
        day = NOON + RETRY_WITHIN

        async def ways(*numbers: int) -> list[tuple[object, ...]]:
            views = [await storage.queries.status(payment_id(each), ASHA.id) for each in numbers]
            return [(view.retry_until, view.retry_of, view.retried_as) for view in views]

        await add(storage, first)
        assert [(day, None, None)] == await ways(1)
        await add(storage, lost)
        await save(storage, replace(first, retried_as=lost.id))
        assert [(day, None, lost.id), (day, first.id, None)] == await ways(1, 2)
        await add(storage, third)
        await save(storage, replace(first, retried_as=third.id, version=first.version + 1))
        assert [(None, None, third.id), (None, first.id, None)] == await ways(1, 3)

    async def test_nobody_sees_another_students(self, storage: Storage) -> None:
        """
        An unknown payment and somebody else's look the same.
        """
        await add(storage, a_payment())

        for payment, student in ((payment_id(1), RAVI.id), (payment_id(2), ASHA.id)):
            with pytest.raises(NotFound):
                await storage.queries.status(payment, student)


class DetailsContract:
    async def test_what_was_paid_is_told_whole(self, storage: Storage) -> None:
        """
        Each part of the price in rupees, who is billed, and the card by its last four digits.
        """
        await add(storage, charged(a_payment(discount=a_code())))
        await storage.order_polls.may_ask(payment_id(1), NOON, not_since=NOON)

        assert await storage.queries.details(payment_id(1), ASHA.id) == PaymentView(
            opened_at=NOON,
            list_price="1180.00",
            discount="118.00",
            discount_code="TEN",
            taxable="900.00",
            cgst="81.00",
            sgst="81.00",
            igst="0.00",
            payable="1062.00",
            second_tax=SecondTax.SGST,
            gst_rate="18",
            exempt=False,
            buyer_name="Asha",
            buyer_state="Maharashtra",
            buyer_gstin=None,
            buyer_address=None,
            method="Card VISA •••• 4242",
            bank_reference="0012",
            asked_at=NOON,
        )

    async def test_before_it_is_paid_there_is_no_method(self, storage: Storage) -> None:
        """
        Nor a reference of the bank, nor an instant at which it was asked.
        """
        bill = replace(
            ASHAS_BILL, gstin=Gstin.parse("27AAPFU0939F1ZV"), address="1 Fee Street, Pune"
        )
        await add(storage, replace(a_payment(), buyer=bill))

        seen = await storage.queries.details(payment_id(1), ASHA.id)

        assert (seen.method, seen.bank_reference, seen.asked_at) == ("", "", None)
        assert (seen.buyer_gstin, seen.buyer_address) == ("27AAPFU0939F1ZV", "1 Fee Street, Pune")

    async def test_nobody_sees_what_another_paid(self, storage: Storage) -> None:
        """
        An unknown payment and somebody else's look the same.
        """
        await add(storage, a_payment())

        for payment, student in ((payment_id(1), RAVI.id), (payment_id(2), ASHA.id)):
            with pytest.raises(NotFound):
                await storage.queries.details(payment, student)


class OpenCoursesContract:
    async def test_what_is_open_is_told_with_its_payment(self, storage: Storage) -> None:
        """
        Of this student alone, and no more once it has ended.
        """
        other = a_payment(2, student=RAVI)
        await add(storage, charged(a_payment(1)), charged(other))
        await enrol(storage, a_payment(1))
        await enrol(storage, other)

        before = await storage.queries.open_courses(ASHA.id)
        async with storage.unit_of_work() as work:
            work.payments.enrolments.leave(a_payment(1), NOON + SECOND)

        assert before == {CourseId("algebra"): payment_id(1)}
        assert await storage.queries.open_courses(ASHA.id) == {}
        assert await storage.queries.open_courses(RAVI.id) == {CourseId("algebra"): payment_id(2)}


class HistoryContract:
    async def test_nothing_paid_is_an_empty_page(self, storage: Storage) -> None:
        """
        Not an error, and no next page.
        """
        assert HistoryPage(items=[], next=None) == await storage.queries.history(ASHA.id, at_most=5)

    async def test_pages_follow_each_other_without_gap_or_repeat(self, storage: Storage) -> None:
        """
        Newest first; payments of the same instant are told apart by their ids.
        """
        for number in range(1, 8):
            at = NOON + number // 3 * SECOND
            await add(storage, failed(a_payment(number, at=at)))
        await add(storage, a_payment(8, student=RAVI))

        seen, sizes, after = [], [], None
        for _ in range(4):
            page = await storage.queries.history(ASHA.id, after=after, at_most=2)
            seen += [item.transaction_id for item in page.items]
            sizes.append(len(page.items))
            after = page.next

        assert [payment_id(number) for number in range(7, 0, -1)] == seen
        assert sizes == [2, 2, 2, 1]
        assert after is None

    async def test_a_full_last_page_is_the_last(self, storage: Storage) -> None:
        """
        No next page that would turn out empty.
        """
        await add(storage, *(failed(a_payment(number)) for number in (1, 2)))

        page = await storage.queries.history(ASHA.id, at_most=2)

        assert (len(page.items), page.next) == (2, None)

    async def test_a_period_is_half_open(self, storage: Storage) -> None:
        """
        Its first instant is in it, its end is not; a page of it leads to the next.
        """
        for number in range(1, 6):
            await add(storage, failed(a_payment(number, at=NOON + number * SECOND)))
        period: dict[str, Any] = {
            "opened_from": NOON + 2 * SECOND,
            "opened_before": NOON + 5 * SECOND,
        }

        page = await storage.queries.history(ASHA.id, **period, at_most=2)
        rest = await storage.queries.history(ASHA.id, **period, after=page.next, at_most=2)
        begun = await storage.queries.history(ASHA.id, opened_from=NOON + 4 * SECOND, at_most=9)

        assert [payment_id(4), payment_id(3)] == [each.transaction_id for each in page.items]
        assert [payment_id(2)] == [each.transaction_id for each in rest.items]
        assert [payment_id(5), payment_id(4)] == [each.transaction_id for each in begun.items]

    async def test_a_filter_holds_across_pages(self, storage: Storage) -> None:
        """
        Only the asked state, also behind a cursor.
        """
        for number in range(1, 5):
            await add(storage, failed(a_payment(number)))
        await add(storage, charged(a_payment(5)))
        await enrol(storage, a_payment(5))

        first = await storage.queries.history(ASHA.id, states=[State.FAILED], at_most=3)
        assert HistoryCursor(NOON, payment_id(2)) == first.next
        rest = await storage.queries.history(
            ASHA.id, after=first.next, states=[State.FAILED], at_most=3
        )
        sold = await storage.queries.history(ASHA.id, states=[State.SUCCESS], at_most=3)
        either = await storage.queries.history(
            ASHA.id, states=[State.SUCCESS, State.FAILED], at_most=9
        )
        none = await storage.queries.history(ASHA.id, states=[], at_most=9)

        assert [payment_id(1)] == [item.transaction_id for item in rest.items]
        assert [payment_id(5)] == [item.transaction_id for item in sold.items]
        assert len(either.items) == 5
        assert none == HistoryPage(items=[], next=None)

    async def test_a_line_says_what_it_cost_and_how_it_ended(self, storage: Storage) -> None:
        """
        Rupees with two decimals, instants in UTC.
        """
        await add(storage, failed(a_payment(discount=a_code())))

        (line,) = (await storage.queries.history(ASHA.id, at_most=1)).items

        assert (line.list_price, line.discount, line.payable) == ("1180.00", "118.00", "1062.00")
        assert (
            line.course_id,
            line.course_title,
            line.status,
        ) == ("algebra", "All about algebra", "failed")
        assert (
            line.opened_at,
            line.closed_at,
            line.failure_reason,
        ) == (NOON, NOON, "gateway_unreachable")


class CatalogueContract:
    async def test_courses_are_listed_by_title(self, storage: Storage) -> None:
        """
        All, or those on sale, and no more than asked.
        """
        courses = [
            a_course(name, active=name != "botany") for name in ("chess", "algebra", "botany")
        ]
        await storage.catalogue.replace_courses(courses, BY_MIRA)

        listed = storage.catalogue.courses
        assert [course.id for course in await listed(active_only=False, at_most=9)] == [
            "algebra",
            "botany",
            "chess",
        ]
        assert [course.id for course in await listed(active_only=True, at_most=9)] == [
            "algebra",
            "chess",
        ]
        assert [course.id for course in await listed(active_only=False, at_most=1)] == ["algebra"]

    async def test_a_course_is_read_back_as_put(self, storage: Storage) -> None:
        """
        And replaced as a whole when put again.
        """
        await put_course(storage, a_course())
        assert a_course() == await storage.catalogue.course(CourseId("algebra"))

        await put_course(storage, a_course(rupees=2000, active=False))

        assert a_course(rupees=2000, active=False) == await storage.catalogue.course(
            CourseId("algebra")
        )

    async def test_a_stranger_is_not_found(self, storage: Storage) -> None:
        """
        No such course is an error, never ``None``.
        """
        with pytest.raises(NotFound):
            await storage.catalogue.course(CourseId("nothing"))

    async def test_all_courses_are_put_or_none(self, storage: Storage) -> None:
        """
        The last that cannot be written takes the first along, and the audit line too.
        """
        with pytest.raises(storage.fault):
            await storage.catalogue.replace_courses(
                [a_course(), replace(a_course("botany"), list_price=BEYOND)], BY_MIRA
            )

        assert not await storage.catalogue.courses(active_only=False, at_most=9)
        assert not await storage.audit_lines()

    async def test_a_put_is_audited(self, storage: Storage) -> None:
        """
        Who set the price stands in the trail.
        """
        await put_course(storage, a_course())
        await put_code(storage, a_code())

        assert [line.actor for line in await storage.audit_lines()] == ["staff:mira"] * 2

    async def test_a_price_change_reaches_no_open_payment(self, storage: Storage) -> None:
        """
        The terms are those the payment was opened with.
        """
        await put_course(storage, a_course())
        await add(storage, a_payment())

        await put_course(storage, a_course(rupees=9999))

        assert a_payment() == (await get(storage, payment_id(1))).payment
        question = CheckoutQuery(unsold_since=NOON, student=ASHA.id, course=CourseId("algebra"))
        assert a_course(rupees=9999) == (await facts(storage, question)).course

    async def test_codes_are_listed_in_order(self, storage: Storage) -> None:
        """
        By their text, and no more than asked.
        """
        codes = [a_code("SPRING"), a_code("AUTUMN", percent=50, total_limit=3)]
        await storage.catalogue.replace_discounts(codes, BY_MIRA)

        assert codes[::-1] == list(await storage.catalogue.discounts(at_most=9))
        assert codes[1:] == list(await storage.catalogue.discounts(at_most=1))

    async def test_putting_a_code_again_keeps_its_count(self, storage: Storage) -> None:
        """
        A used-up code stays used up, whatever else staff change.
        """
        await put_code(storage, a_code(total_limit=1))
        async with storage.unit_of_work() as work:
            work.catalogue.discounts.reserve(a_code(total_limit=1), ASHA.id)

        await put_code(storage, a_code(percent=20, total_limit=1))

        (code,) = await storage.catalogue.discounts(at_most=9)
        assert Percent(Decimal(20)) == code.kind
        assert (await uses(storage, "TEN")).total == 1

    async def test_all_codes_are_put_or_none(self, storage: Storage) -> None:
        """
        As with courses.
        """
        with pytest.raises(storage.fault):
            await storage.catalogue.replace_discounts(
                [a_code(), replace(a_code("BIG"), min_order=BEYOND)], BY_MIRA
            )

        assert not await storage.catalogue.discounts(at_most=9)
        assert not await storage.audit_lines()

    async def test_courses_are_found_by_their_ids(self, storage: Storage) -> None:
        """
        Those that there are, in order; the others are left out.
        """
        for name in ("chess", "algebra"):
            await put_course(storage, a_course(name))

        names = [CourseId(name) for name in ("chess", "nothing", "algebra")]
        found = await storage.catalogue.courses_named(names)

        assert found == [a_course("algebra"), a_course("chess")]

    async def test_discounts_are_found_by_their_codes(self, storage: Storage) -> None:
        """
        As with courses.
        """
        for code in ("TEN", "ONE"):
            await put_code(storage, a_code(code))

        found = await storage.catalogue.discounts_named(["TEN", "NOTHING", "ONE"])

        assert found == [a_code("ONE"), a_code("TEN")]

    async def test_a_course_that_was_changed_meanwhile_is_left_alone(
        self, storage: Storage
    ) -> None:
        """
        Whoever changes what they saw is told when it is different, gone, or new; of two at once one is.
        """
        algebra, chess = a_course("algebra"), a_course("chess")
        dearer, other = a_course("algebra", rupees=2000), a_course("algebra", rupees=3000)
        await put_course(storage, algebra)
        replace_courses = storage.catalogue.replace_courses
        for seen in ({algebra.id: dearer}, {algebra.id: None}, {chess.id: chess}):
            with pytest.raises(ChangedMeanwhile):
                await replace_courses([other], BY_MIRA, seen=seen)

        answers = await asyncio.gather(
            *(
                replace_courses([each], BY_MIRA, seen={algebra.id: algebra, chess.id: None})
                for each in (dearer, other)
            ),
            return_exceptions=True,
        )

        assert sum(isinstance(each, ChangedMeanwhile) for each in answers) == 1
        assert await storage.catalogue.course(algebra.id) in (dearer, other)

    async def test_a_code_that_was_changed_meanwhile_is_left_alone(self, storage: Storage) -> None:
        """
        As with courses.
        """
        ten, more = a_code("TEN"), a_code("TEN", percent=20)
        await put_code(storage, ten)
        with pytest.raises(ChangedMeanwhile):
            await storage.catalogue.replace_discounts([more], BY_MIRA, seen={"TEN": None})
        await storage.catalogue.replace_discounts([more], BY_MIRA, seen={"TEN": ten})

        assert await storage.catalogue.discounts_named(["TEN"]) == [more]
