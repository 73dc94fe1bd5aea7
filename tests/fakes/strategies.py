"""Courses, codes and payments of every shape the domain allows, for laws that must hold for all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from domain.catalogue.amount_limits import AmountOutOfLimits
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Flat, Percent
from domain.catalogue.quote import Quote, quote_course
from domain.identifiers import (
    PAYMENT_ID_CHARS,
    PAYMENT_ID_RANDOM_CHARS,
    PaymentId,
    RefundId,
    StudentId,
)
from domain.money import CURRENCY, Money
from domain.payments.adjustment import Adjustment
from domain.payments.capture import Capture
from domain.payments.client_reference import ClientReference
from domain.payments.consent import Consent
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.dispute import Dispute
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import Instrument, ReviewReason
from domain.payments.payment import GatewayOrder, Payment, Student
from domain.payments.payment_state import State
from domain.payments.refund import Refund, RequestKey
from domain.payments.refund_state import RefundState
from domain.payments.refunds import Refunds
from domain.payments.refused_refund import REFUSALS, RefusedRefund
from domain.payments.retry import Retry
from domain.payments.review import OpenReason, Review
from domain.staff.access import Role
from domain.staff.staff_member import StaffId, StaffMember
from domain.tax.gst import Buyer, Delivery, GstRate, PriceMode
from domain.tax.gstin import Gstin
from domain.tax.indian_states import STATES
from domain.text.card_number import CardTail

# Most of the time of these laws goes into drawing: what counts as one value here is drawn at once.
WORDS: Final = st.builds(
    "".join,
    st.tuples(
        st.sampled_from("abcdefghijरशलक"),  # a mark alone is nothing to print
        st.sampled_from(["", " ", "ुल्क", "bc de", "शुल्क abcdefghij"]),
        st.sampled_from(["", "a", "र", "ि "]),
    ),
)
INSTANTS: Final = st.integers(0, 20 * 365 * 86_400 * 10**6).map(
    lambda microseconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
STATES_OF_INDIA: Final = st.sampled_from(list(STATES.values()))
GSTINS: Final = (None, Gstin("27AAPFU0939F1ZV"))
PERCENTS: Final = st.integers(0, 100_00).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
MONEY: Final = st.integers(1, 6_00_000_00).map(Money)
LETTERS: Final = st.integers(0, len(PAYMENT_ID_CHARS) ** PAYMENT_ID_RANDOM_CHARS - 1).map(
    lambda number: "".join(
        PAYMENT_ID_CHARS[number // len(PAYMENT_ID_CHARS) ** place % len(PAYMENT_ID_CHARS)]
        for place in range(PAYMENT_ID_RANDOM_CHARS)
    )
)
EMAILS: Final = st.from_regex(r"[a-z]{1,3}[.+_-]?[a-z0-9]{1,3}@example\.com", fullmatch=True)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    exempt = draw(st.booleans())
    delivery = draw(st.sampled_from(Delivery))
    return Course(
        id=CourseId(draw(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True))),
        title=draw(WORDS),
        list_price=draw(MONEY),
        price_mode=draw(st.sampled_from(PriceMode)),
        sac=draw(st.from_regex(r"[0-9]{6}", fullmatch=True)),
        gst_rate=GstRate(Decimal(0) if exempt else draw(PERCENTS)),
        delivery=delivery,
        venue=draw(STATES_OF_INDIA) if delivery is Delivery.CLASSROOM else None,
        exempt=exempt,
        active=draw(st.booleans()),
    )


@st.composite
def discounts(draw: st.DrawFn) -> DiscountCode:
    start, end = draw(st.none() | INSTANTS), draw(st.none() | INSTANTS)
    if start and end and start >= end:
        end = start + timedelta(days=1)
    limits = st.none() | st.integers(1, 1_000_000_000)
    return DiscountCode(
        code=draw(st.from_regex(r"[A-Z0-9_-]{3,32}", fullmatch=True)),
        kind=draw(
            st.builds(Flat, MONEY)
            | st.builds(Percent, PERCENTS.filter(bool), cap=st.none() | MONEY)
        ),
        min_order=draw(st.none() | MONEY),
        valid_from=start,
        valid_to=end,
        total_limit=draw(limits),
        per_student_limit=draw(limits),
        courses=draw(st.none() | st.frozensets(st.sampled_from("abc").map(CourseId), min_size=1)),
        active=draw(st.booleans()),
    )


@st.composite
def buyers(draw: st.DrawFn) -> Buyer:
    gstin = draw(st.sampled_from(GSTINS))
    return Buyer(
        name=draw(WORDS),
        state=gstin.state if gstin else draw(STATES_OF_INDIA),
        gstin=gstin,
        address=draw(WORDS),
    )


@st.composite
def quotes(draw: st.DrawFn, buyer: Buyer) -> Quote:
    """A real quote: whatever the price came to, one within the gateway's limits stands in for it."""
    course, seller = draw(courses()), draw(STATES_OF_INDIA)
    try:
        return quote_course(course, buyer, seller, draw(st.none() | discounts()))
    except AmountOutOfLimits:
        return quote_course(replace(course, list_price=Money(2_000_00)), buyer, seller, None)


@st.composite
def refunds(draw: st.DrawFn) -> Refund:
    """Every field on its own here too."""
    keys = st.builds(
        RequestKey,
        key=st.text("abc", min_size=1),
        body_sha256=st.sampled_from(["0" * 64, "0f" * 32]),
    )
    return Refund(
        id=RefundId(draw(st.text("ABC", min_size=1, max_size=20))),
        amount=draw(MONEY),
        state=draw(st.sampled_from(RefundState)),
        asked_by=draw(WORDS),
        asked_at=draw(INSTANTS),
        reason=draw(WORDS),
        revokes=draw(st.booleans()),
        outside=draw(st.booleans()),
        key=draw(st.none() | keys),
        decided_by=draw(st.just("") | WORDS),
        decided_at=draw(st.none() | INSTANTS),
        accepted_at=draw(st.none() | INSTANTS),
        closed_at=draw(st.none() | INSTANTS),
        bank_reference=draw(st.text("123", max_size=9)),
        arn=draw(st.text("123", max_size=9)),
        error=draw(st.text("123", max_size=9)),
    )


def refused_refunds() -> st.SearchStrategy[RefusedRefund]:
    return st.builds(
        RefusedRefund,
        id=st.text("ABC", max_size=9).map(RefundId),
        amount=st.none() | MONEY,
        why=st.sampled_from(sorted(REFUSALS)),
        accepted=st.booleans(),
    )


def reviews() -> st.SearchStrategy[Review]:
    open_reasons = st.lists(
        st.builds(OpenReason, st.sampled_from(ReviewReason), INSTANTS),
        max_size=4,
        unique_by=lambda each: each.reason,
    )
    return st.builds(
        Review,
        open_reasons.map(lambda found: sorted(found, key=lambda e: (e.since, e.reason))).map(tuple),
        st.frozensets(st.sampled_from(ReviewReason), max_size=2),
    )


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    """Every field on its own, so that a forgotten column has nowhere to hide."""
    buyer = draw(buyers())
    quote = draw(quotes(buyer))
    opened_at = draw(INSTANTS)
    instrument = st.builds(
        Instrument,
        method=st.sampled_from(["", "UPI", "CARD"]),
        card_tail=st.none() | st.just(CardTail("4242")),
        card_brand=st.sampled_from(["", "VISA"]),
        card_issuer=st.sampled_from(["", "a bank"]),
    )
    capture = st.builds(
        Capture,
        amount=st.just(quote.payable),
        bank_txn_id=st.text("abc123", max_size=9),
        bank_reference=st.text("123", max_size=9),
        instrument=instrument,
        at=INSTANTS,
        currency=st.just(CURRENCY),
        adjustment=st.builds(
            Adjustment,
            effective=st.none() | MONEY,
            surcharge=st.none() | MONEY,
            offer=st.none() | MONEY,
            unreadable=st.booleans(),
        ),
    )
    page = st.builds(GatewayOrder, id=WORDS, payment_url=WORDS)
    ids = LETTERS.map(PaymentId)
    retry = st.builds(
        Retry,
        of=ids,
        first=ids,
        number=st.integers(1, 3),
        begun_at=INSTANTS,
        counts=st.booleans(),
    )
    return Payment(
        id=PaymentId("SK" + draw(LETTERS)),
        student=Student(
            id=StudentId(draw(WORDS)),
            name=draw(WORDS),
            email=draw(EMAILS),
            phone=draw(st.sampled_from(["", "9999999999"])),
        ),
        buyer=buyer,
        quote=quote,
        state=draw(st.sampled_from(State)),
        opened_at=opened_at,
        expires_at=opened_at + timedelta(seconds=draw(st.integers(60, 3600))),
        reservation=draw(st.none() | st.sampled_from(DiscountReservation)),
        gateway_order=draw(st.none() | page),
        session_unanswered=draw(st.booleans()),
        failure=draw(st.none() | st.sampled_from(FailureReason)),
        review=draw(reviews()),
        capture=draw(st.none() | capture),
        closed_at=draw(st.none() | INSTANTS),
        retry=draw(st.none() | retry),
        retried_as=draw(st.none() | ids),
        refunds=Refunds(
            tuple(draw(st.lists(refunds(), max_size=3, unique_by=lambda each: each.id))),
            tuple(draw(st.lists(refused_refunds(), max_size=2))),
        ),
        disputes=tuple(draw(st.lists(disputes(), max_size=2, unique_by=lambda each: each.id))),
        client_reference=draw(st.none() | st.builds(ClientReference, WORDS, st.none() | ids)),
        consent=draw(st.none() | st.builds(Consent, version=WORDS, notice_url=WORDS, at=INSTANTS)),
        version=draw(st.integers(0, 1000)),
    )


def disputes() -> st.SearchStrategy[Dispute]:
    return st.builds(
        Dispute,
        id=st.text("ABC", min_size=1, max_size=9),
        amount=MONEY,
        state=st.sampled_from(DisputeState),
        opened_at=INSTANTS,
        respond_by=INSTANTS,
        reason=st.just("") | WORDS,
        unclear=st.just("") | WORDS,
        closed_at=st.none() | INSTANTS,
        alerted_at=st.none() | INSTANTS,
    )


def members() -> st.SearchStrategy[StaffMember]:
    return st.builds(
        StaffMember,
        id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}", fullmatch=True).map(StaffId),
        name=WORDS,
        email=EMAILS,
        roles=st.frozensets(st.sampled_from(sorted(set(Role) - {Role.STUDENT})), min_size=1),
        active=st.booleans(),
        seed=st.none() | st.just("key:encrypted"),
        last_step=st.none() | st.integers(0, 2**40),
        attempts=st.integers(0, 10),
        locked_until=st.none() | INSTANTS,
        version=st.integers(0, 1000),
    )
