"""Made-up courses, students and payments that tests begin with."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from string import ascii_uppercase
from typing import Final

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Percent
from domain.catalogue.quote import quote_course
from domain.identifiers import (
    PAYMENT_ID_RANDOM_CHARS,
    PaymentId,
    RefundId,
    StudentId,
)
from domain.money import Money
from domain.payments.basis import NoteBasis, NoteKind
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import LAPSE_GRACE_MAX, Payment, Student
from domain.payments.review import NOT_REVIEWED
from domain.staff.access import Role
from domain.staff.staff_member import StaffId, StaffMember
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.indian_states import indian_state
from fakes.clock import NOON
from ports.audit_log import Origin, Source

LIFETIME: Final = timedelta(minutes=15)
LAPSE: Final = LIFETIME + LAPSE_GRACE_MAX
"""From a payment's opening to the first instant at which a last answer may end it."""

SELLER: Final = indian_state("27")
ASHA: Final = Student(id=StudentId("asha"), name="Asha", email="asha@example.com")
RAVI: Final = Student(id=StudentId("ravi"), name="Ravi", email="ravi@example.com")
ASHAS_BILL: Final = Buyer(name="Asha", state=indian_state("27"))
BY_ASHA: Final = Origin(
    actor="student:asha", source=Source.INITIATE, ip="192.0.2.7", user_agent="a browser"
)
BY_STATUS: Final = Origin(actor="student:asha", source=Source.STATUS)
BY_STAFF: Final = Origin(actor="staff:mira", source=Source.ADMIN)
BY_SECOND: Final = Origin(actor="staff:noor", source=Source.ADMIN)
NOTED: Final = NoteBasis(note=NoteKind.SESSION, at=NOON)
"""For a change of which no test asks what it was decided on."""


def payment_id(number: int) -> PaymentId:
    """
    Return the *number*-th id; a later number sorts behind an earlier one.

    It is of letters only: so many digits in a row as small numbers would have look like a card number.
    """
    letters = []
    for _ in range(PAYMENT_ID_RANDOM_CHARS):
        number, place = divmod(number, len(ascii_uppercase))
        letters.append(ascii_uppercase[place])
    return PaymentId("SK" + "".join(reversed(letters)))


def only_reason(payment: Payment) -> ReviewReason | None:
    """Return the one reason for which *payment* is under review, None without one; two are a fault of the test."""
    (*others, reason) = (None, *payment.review.reasons)
    assert len(others) <= 1, payment.review
    return reason


def under_review(payment: Payment, *reasons: ReviewReason, at: datetime = NOON) -> Payment:
    """Return *payment* with exactly *reasons* for a review, open since *at*."""
    return replace(payment, review=NOT_REVIEWED).flagged(*reasons, at=at)


def refund_id(number: int) -> RefundId:
    """Return the *number*-th id of a refund of ours."""
    return RefundId(f"RF{payment_id(number)[2:]}")


def a_course(name: str = "algebra", *, rupees: int = 1180, active: bool = True) -> Course:
    return Course(
        id=CourseId(name),
        title=f"All about {name}",
        list_price=Money(rupees * 100),
        price_mode=PriceMode.INCLUSIVE,
        sac="999293",
        gst_rate=GstRate(Decimal(18)),
        active=active,
    )


def a_code(
    code: str = "TEN",
    *,
    percent: int = 10,
    total_limit: int | None = None,
    per_student_limit: int | None = None,
) -> DiscountCode:
    return DiscountCode(
        code=code,
        kind=Percent(Decimal(percent)),
        total_limit=total_limit,
        per_student_limit=per_student_limit,
    )


def a_payment(
    number: int = 1,
    *,
    student: Student = ASHA,
    course: Course | None = None,
    discount: DiscountCode | None = None,
    at: datetime = NOON,
) -> Payment:
    """Return a pending payment that its student just opened."""
    return Payment.begin(
        payment_id(number),
        student=student,
        buyer=ASHAS_BILL,
        quote=quote_course(course or a_course(), ASHAS_BILL, SELLER, discount),
        at=at,
        lifetime=LIFETIME,
    )


def a_member(
    name: str = "mira", *roles: Role, seed: str | None = None, active: bool = True
) -> StaffMember:
    """Return a member of staff, an officer of finance unless *roles* say something else."""
    return StaffMember(
        id=StaffId(name),
        name=name.capitalize(),
        email=f"{name}@example.com",
        roles=frozenset(roles or (Role.FINANCE,)),
        active=active,
        seed=seed,
    )
