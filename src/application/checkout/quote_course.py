"""What a course would cost this student today, to the paisa and with every tax named."""

from dataclasses import dataclass

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, DiscountRefusal, DiscountRefused
from domain.catalogue.quote import Quote, quote_course
from domain.errors import NotFound
from domain.identifiers import StudentId
from domain.tax.gst import Buyer
from domain.tax.indian_states import IndianState
from ports.clock import Clock
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteWanted:
    """*code* is normalised already; *buyer* says which State's taxes apply."""

    student: StudentId
    course: CourseId
    buyer: Buyer
    code: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteCourse:
    unit_of_work: UnitOfWork
    clock: Clock
    seller: IndianState

    async def __call__(self, wanted: QuoteWanted) -> Quote:
        """
        Return the quote; it binds nobody until a payment is opened with it.

        Raises ``NotFound``, ``DiscountRefused``, ``AddressRequired`` and ``AmountOutOfLimits``.
        """
        question = CheckoutQuery(
            student=wanted.student,
            course=wanted.course,
            unsold_since=self.clock.now(),
            code=wanted.code,
        )
        async with self.unit_of_work() as work:
            facts = await work.payments.checkout_facts.read(question)
        course = offered(facts, wanted.course)
        discount = granted(facts, course, code=wanted.code, clock=self.clock)
        return quote_course(course, wanted.buyer, self.seller, discount)


def offered(facts: CheckoutFacts, wanted: CourseId) -> Course:
    """Return the course if it is on sale, or raise ``NotFound``."""
    if facts.course is None or not facts.course.active:
        raise NotFound("course", wanted)
    return facts.course


def granted(
    facts: CheckoutFacts, course: Course, *, code: str | None, clock: Clock
) -> DiscountCode | None:
    """Return the discount that *code* grants on *course* now, or raise ``DiscountRefused``."""
    if code is None:
        return None
    if facts.discount is None:
        raise DiscountRefused(code, DiscountRefusal.UNKNOWN)
    facts.discount.check(course.id, course.list_price, clock.now(), facts.uses)
    return facts.discount
