"""What a course would cost this student today, to the paisa and with every tax named."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, DiscountRefusal, DiscountRefused
from domain.catalogue.quote import Quote, quote_course
from domain.errors import NotFound
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.identifiers import StudentId
from domain.tax.gst import Buyer, check_buyer
from domain.tax.gstin import Gstin
from ports.clock import Clock
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteCourseCommand:
    """*code* is normalised already; *buyer* says which State's taxes apply."""

    student: StudentId
    course: CourseId
    buyer: Buyer
    code: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteCourse:
    unit_of_work: UnitOfWork
    clock: Clock
    seller: Gstin
    configuration: Callable[[], GatewayConfiguration]

    async def __call__(self, command: QuoteCourseCommand) -> Quote:
        """
        Return the quote; it reserves nothing, and the price may change until a payment begins.

        Raises
        - ``NotFound`` for a course that is not on sale;
        - ``DiscountRefused``;
        - ``AddressRequired`` and ``OwnGstin``;
        - ``AmountOutOfLimits``.
        """
        query = CheckoutQuery(
            student=command.student,
            course=command.course,
            unsold_since=self.clock.now(),
            code=command.code,
        )
        async with self.unit_of_work() as work:
            facts = await work.payments.checkout_facts.read(query)
        course = offered_course(facts, command.course)
        discount = applied_discount(facts, course, code=command.code, clock=self.clock)
        limits = self.configuration().terms.payable
        quote = quote_course(course, command.buyer, self.seller.state, discount, limits)
        check_buyer(command.buyer, self.seller)
        return quote


def offered_course(facts: CheckoutFacts, course: CourseId) -> Course:
    """Return the course if it is on sale, or raise ``NotFound``."""
    if facts.course is None or not facts.course.active:
        raise NotFound("course", course)
    return facts.course


def applied_discount(
    facts: CheckoutFacts, course: Course, *, code: str | None, clock: Clock
) -> DiscountCode | None:
    """Return the discount of *code* on *course* now, None without a code, or raise ``DiscountRefused``."""
    if code is None:
        return None
    if facts.discount is None:
        raise DiscountRefused(code, DiscountRefusal.UNKNOWN)
    facts.discount.check(course.id, course.list_price, clock.now(), facts.uses)
    return facts.discount
