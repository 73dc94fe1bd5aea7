"""What any list of enrolments must do: give each as it is now, in the order of changes, and pass none over."""

from datetime import datetime, timedelta
from typing import Any, Final

from contracts.storage import Storage, add, enrol
from domain.catalogue.course import CourseId
from domain.payments.payment import Payment
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_course, a_payment
from ports.payments.enrolment_queries import EnrolmentCursor, EnrolmentFilter, EnrolmentView

HOUR: Final = timedelta(hours=1)
ALL: Final = EnrolmentFilter()


async def three(storage: Storage) -> list[Payment]:
    """Return three, each begun an hour after the one before: Asha's two, and Ravi's of the first course."""
    payments = [
        a_payment(1, course=a_course("algebra"), student=ASHA),
        a_payment(2, course=a_course("algebra"), student=RAVI),
        a_payment(3, course=a_course("history"), student=ASHA),
    ]
    await add(storage, *payments)
    for hours, payment in enumerate(payments):
        await enrol(storage, payment, NOON + hours * HOUR)
    return payments


async def leave(storage: Storage, payment: Payment, at: datetime) -> None:
    async with storage.unit_of_work() as work:
        work.payments.enrolments.leave(payment, at)


async def found(storage: Storage, **wanted: Any) -> list[str]:
    page = await storage.enrolments.find(EnrolmentFilter(**wanted), at_most=9)
    assert page.next is None
    return [each.payment for each in page.items]


class EnrolmentQueriesContract:
    async def test_an_enrolment_is_given_as_it_is_now(self, storage: Storage) -> None:
        """
        With its student, its course, and its end once it has one.
        """
        first, *_ = await three(storage)
        await leave(storage, first, NOON + 5 * HOUR)

        page = await storage.enrolments.find(
            EnrolmentFilter(student=ASHA.id, course=first.course), at_most=9
        )

        assert page.items == [
            EnrolmentView(
                payment=first.id,
                student=ASHA.id,
                course=CourseId("algebra"),
                started_at=NOON,
                ended_at=NOON + 5 * HOUR,
            )
        ]

    async def test_only_what_is_asked_for_is_found(self, storage: Storage) -> None:
        """
        By student, by course, by both; one that ended lately comes last, whenever it began.
        """
        first, second, third = (each.id for each in await three(storage))

        assert await found(storage) == [first, second, third]
        assert await found(storage, student=ASHA.id) == [first, third]
        assert await found(storage, course=CourseId("algebra")) == [first, second]
        assert await found(storage, student=RAVI.id, course=CourseId("history")) == []

    async def test_what_has_changed_since_an_instant(self, storage: Storage) -> None:
        """
        Begun or ended at that very instant, or later.
        """
        payments = await three(storage)
        first, _, third = (each.id for each in payments)
        await leave(storage, payments[0], NOON + 5 * HOUR)

        assert await found(storage, changed_from=NOON + 2 * HOUR) == [third, first]
        assert await found(storage, changed_from=NOON + 5 * HOUR) == [first]
        assert await found(storage, changed_from=NOON + 6 * HOUR) == []

    async def test_pages_pass_none_over(self, storage: Storage) -> None:
        """
        One that ends while its list is read comes again, as it is by then.
        """
        payments = await three(storage)
        page = await storage.enrolments.find(ALL, at_most=2)
        assert page.next == EnrolmentCursor(NOON + HOUR, payments[1].id)
        await leave(storage, payments[0], NOON + 5 * HOUR)

        rest = await storage.enrolments.find(ALL, after=page.next, at_most=2)
        late = EnrolmentFilter(changed_from=NOON)

        assert [each.payment for each in rest.items] == [payments[2].id, payments[0].id]
        assert rest.next is None
        assert await storage.enrolments.find(late, after=page.next, at_most=2) == rest

    async def test_those_of_one_instant_are_all_shown(self, storage: Storage) -> None:
        """
        By their payments, page by page.
        """
        payments = [a_payment(number, course=a_course(f"course-{number}")) for number in (1, 2, 3)]
        await add(storage, *payments)
        for each in reversed(payments):
            await enrol(storage, each)

        seen, after = [], None
        for _ in payments:
            page = await storage.enrolments.find(ALL, after=after, at_most=1)
            seen += [each.payment for each in page.items]
            after = page.next

        assert (seen, after) == ([each.id for each in payments], None)
