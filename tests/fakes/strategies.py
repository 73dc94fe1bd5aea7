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
from domain.money import CURRENCY, ZERO, Money
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

# Most of the time of these laws goes into drawing: what counts as one value here is drawn at once, and what is
# drawn by stands here once, for Hypothesis checks each strategy anew that it has not seen.
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
PERCENTS: Final = st.integers(0, 100_00).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
MONEY: Final = st.integers(1, 6_00_000_00).map(Money)
LETTERS: Final = st.integers(0, len(PAYMENT_ID_CHARS) ** PAYMENT_ID_RANDOM_CHARS - 1).map(
    lambda number: "".join(
        PAYMENT_ID_CHARS[number // len(PAYMENT_ID_CHARS) ** place % len(PAYMENT_ID_CHARS)]
        for place in range(PAYMENT_ID_RANDOM_CHARS)
    )
)
EMAILS: Final = st.from_regex(r"[a-z]{1,3}[.+_-]?[a-z0-9]{1,3}@example\.com", fullmatch=True)
YES_OR_NO: Final = st.booleans()
DIGITS: Final = st.text("123", max_size=9)
MAYBE_MONEY: Final = st.none() | MONEY
MAYBE_INSTANT: Final = st.none() | INSTANTS
MAYBE_WORDS: Final = st.just("") | WORDS

DELIVERIES: Final = st.sampled_from(Delivery)
PRICE_MODES: Final = st.sampled_from(PriceMode)
COURSE_IDS: Final = st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True).map(CourseId)
SACS: Final = st.from_regex(r"[0-9]{6}", fullmatch=True)

CODES: Final = st.from_regex(r"[A-Z0-9_-]{3,32}", fullmatch=True)
KINDS: Final = st.builds(Flat, MONEY) | st.builds(Percent, PERCENTS.filter(bool), cap=MAYBE_MONEY)
LIMITS: Final = st.none() | st.integers(1, 1_000_000_000)
SOME_COURSES: Final = st.none() | st.frozensets(st.sampled_from("abc").map(CourseId), min_size=1)

MAYBE_GSTIN: Final = st.sampled_from((None, Gstin("27AAPFU0939F1ZV")))

REFUND_IDS: Final = st.text("ABC", min_size=1, max_size=20).map(RefundId)
REFUND_STATES: Final = st.sampled_from(RefundState)
REQUEST_KEYS: Final = st.none() | st.builds(
    RequestKey,
    key=st.text("abc", min_size=1),
    body_sha256=st.sampled_from(["0" * 64, "0f" * 32]),
)
REFUSED_REFUNDS: Final = st.builds(
    RefusedRefund,
    id=st.text("ABC", max_size=9).map(RefundId),
    amount=MAYBE_MONEY,
    why=st.sampled_from(sorted(REFUSALS)),
    accepted=YES_OR_NO,
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    exempt = draw(YES_OR_NO)
    delivery = draw(DELIVERIES)
    return Course(
        id=draw(COURSE_IDS),
        title=draw(WORDS),
        list_price=draw(MONEY),
        price_mode=draw(PRICE_MODES),
        sac=draw(SACS),
        gst_rate=GstRate(Decimal(0) if exempt else draw(PERCENTS)),
        delivery=delivery,
        venue=draw(STATES_OF_INDIA) if delivery is Delivery.CLASSROOM else None,
        exempt=exempt,
        active=draw(YES_OR_NO),
    )


@st.composite
def discounts(draw: st.DrawFn) -> DiscountCode:
    start, end = draw(MAYBE_INSTANT), draw(MAYBE_INSTANT)
    if start and end and start >= end:
        end = start + timedelta(days=1)
    return DiscountCode(
        code=draw(CODES),
        kind=draw(KINDS),
        min_order=draw(MAYBE_MONEY),
        valid_from=start,
        valid_to=end,
        total_limit=draw(LIMITS),
        per_student_limit=draw(LIMITS),
        courses=draw(SOME_COURSES),
        active=draw(YES_OR_NO),
    )


@st.composite
def buyers(draw: st.DrawFn) -> Buyer:
    gstin = draw(MAYBE_GSTIN)
    return Buyer(
        name=draw(WORDS),
        state=gstin.state if gstin else draw(STATES_OF_INDIA),
        gstin=gstin,
        address=draw(WORDS),
    )


COURSES: Final = courses()
MAYBE_DISCOUNT: Final = st.none() | discounts()
BUYERS: Final = buyers()


@st.composite
def quotes(draw: st.DrawFn, buyer: Buyer) -> Quote:
    """A real quote: whatever the price came to, one within the gateway's limits stands in for it."""
    course, seller = draw(COURSES), draw(STATES_OF_INDIA)
    try:
        return quote_course(course, buyer, seller, draw(MAYBE_DISCOUNT))
    except AmountOutOfLimits:
        return quote_course(replace(course, list_price=Money(2_000_00)), buyer, seller, None)


@st.composite
def refunds(draw: st.DrawFn) -> Refund:
    """Every field on its own here too."""
    return Refund(
        id=draw(REFUND_IDS),
        amount=draw(MONEY),
        state=draw(REFUND_STATES),
        asked_by=draw(WORDS),
        asked_at=draw(INSTANTS),
        reason=draw(WORDS),
        revokes=draw(YES_OR_NO),
        outside=draw(YES_OR_NO),
        key=draw(REQUEST_KEYS),
        decided_by=draw(MAYBE_WORDS),
        decided_at=draw(MAYBE_INSTANT),
        accepted_at=draw(MAYBE_INSTANT),
        closed_at=draw(MAYBE_INSTANT),
        bank_reference=draw(DIGITS),
        arn=draw(DIGITS),
        error=draw(DIGITS),
    )


REVIEWS: Final = st.builds(
    Review,
    st.lists(
        st.builds(OpenReason, st.sampled_from(ReviewReason), INSTANTS),
        max_size=4,
        unique_by=lambda each: each.reason,
    )
    .map(lambda found: sorted(found, key=lambda e: (e.since, e.reason)))
    .map(tuple),
    st.frozensets(st.sampled_from(ReviewReason), max_size=2),
)
DISPUTES: Final = st.lists(
    st.builds(
        Dispute,
        id=st.text("ABC", min_size=1, max_size=9),
        amount=MONEY,
        state=st.sampled_from(DisputeState),
        opened_at=INSTANTS,
        respond_by=INSTANTS,
        reason=MAYBE_WORDS,
        unclear=MAYBE_WORDS,
        closed_at=MAYBE_INSTANT,
        alerted_at=MAYBE_INSTANT,
    ),
    max_size=2,
    unique_by=lambda each: each.id,
)
LISTS_OF_REFUNDS: Final = st.lists(refunds(), max_size=3, unique_by=lambda each: each.id)
LISTS_OF_REFUSED: Final = st.lists(REFUSED_REFUNDS, max_size=2)

MAYBE_CAPTURE: Final = st.none() | st.builds(
    Capture,
    amount=st.just(ZERO),
    bank_txn_id=st.text("abc123", max_size=9),
    bank_reference=DIGITS,
    instrument=st.builds(
        Instrument,
        method=st.sampled_from(["", "UPI", "CARD"]),
        card_tail=st.none() | st.just(CardTail("4242")),
        card_brand=st.sampled_from(["", "VISA"]),
        card_issuer=st.sampled_from(["", "a bank"]),
    ),
    at=INSTANTS,
    currency=st.just(CURRENCY),
    adjustment=st.builds(
        Adjustment,
        effective=MAYBE_MONEY,
        surcharge=MAYBE_MONEY,
        offer=MAYBE_MONEY,
        unreadable=YES_OR_NO,
    ),
)
"""Its amount is the payment's, which sets it."""

IDS: Final = LETTERS.map(PaymentId)
MAYBE_ID: Final = st.none() | IDS
MAYBE_RETRY: Final = st.none() | st.builds(
    Retry,
    of=IDS,
    first=IDS,
    number=st.integers(1, 3),
    begun_at=INSTANTS,
    counts=YES_OR_NO,
)
PHONES: Final = st.sampled_from(["", "9999999999"])
PAYMENT_STATES: Final = st.sampled_from(State)
SECONDS_TO_PAY: Final = st.integers(60, 3600)
MAYBE_RESERVATION: Final = st.none() | st.sampled_from(DiscountReservation)
MAYBE_ORDER: Final = st.none() | st.builds(GatewayOrder, id=WORDS, payment_url=WORDS)
MAYBE_FAILURE: Final = st.none() | st.sampled_from(FailureReason)
MAYBE_REFERENCE: Final = st.none() | st.builds(ClientReference, WORDS, MAYBE_ID)
MAYBE_CONSENT: Final = st.none() | st.builds(Consent, version=WORDS, notice_url=WORDS, at=INSTANTS)
VERSIONS: Final = st.integers(0, 1000)


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    """Every field on its own, so that a forgotten column has nowhere to hide."""
    buyer = draw(BUYERS)
    quote = draw(quotes(buyer))
    opened_at = draw(INSTANTS)
    capture = draw(MAYBE_CAPTURE)
    return Payment(
        id=PaymentId("SK" + draw(LETTERS)),
        student=Student(
            id=StudentId(draw(WORDS)),
            name=draw(WORDS),
            email=draw(EMAILS),
            phone=draw(PHONES),
        ),
        buyer=buyer,
        quote=quote,
        state=draw(PAYMENT_STATES),
        opened_at=opened_at,
        expires_at=opened_at + timedelta(seconds=draw(SECONDS_TO_PAY)),
        reservation=draw(MAYBE_RESERVATION),
        gateway_order=draw(MAYBE_ORDER),
        session_unanswered=draw(YES_OR_NO),
        failure=draw(MAYBE_FAILURE),
        review=draw(REVIEWS),
        capture=replace(capture, amount=quote.payable) if capture else None,
        closed_at=draw(MAYBE_INSTANT),
        retry=draw(MAYBE_RETRY),
        retried_as=draw(MAYBE_ID),
        refunds=Refunds(tuple(draw(LISTS_OF_REFUNDS)), tuple(draw(LISTS_OF_REFUSED))),
        disputes=tuple(draw(DISPUTES)),
        client_reference=draw(MAYBE_REFERENCE),
        consent=draw(MAYBE_CONSENT),
        version=draw(VERSIONS),
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
