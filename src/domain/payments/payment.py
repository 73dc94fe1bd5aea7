"""One student's payment for one course: the aggregate, with its order, capture, retries and refunds."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from domain.catalogue.course import CourseId
from domain.catalogue.expected_quote import ExpectedQuote
from domain.catalogue.quote import Quote
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.money import CURRENCY, ZERO, Money
from domain.payments.capture import Capture
from domain.payments.client_reference import ClientReference
from domain.payments.consent import Consent
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.dispute import Dispute, check_undisputed, dispute_against, undisputed
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.refund import NotRefundable, Refund, RefundRequest
from domain.payments.refund_state import RefundState
from domain.payments.refunds import NONE, Refunds
from domain.payments.retry import Retry, RetryStanding
from domain.payments.review import NOT_REVIEWED, Review
from domain.tax.gst import Buyer
from domain.text.language import Language

GATEWAY_ORDER_ID_MAX: Final = 100

LAPSE_GRACE_MAX: Final = timedelta(minutes=1)
"""The bank counts a session in whole minutes from its own start, so it may end this much after ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """
    Who pays, as the platform's token described them when the payment began.

    *language* is the one that they had chosen then; letters about the payment are written in it.
    """

    id: StudentId
    name: str
    email: str
    phone: str = ""
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOrder:
    """
    The order at the bank: the bank's own id, and the hosted page where the student pays.

    The id is for people alone, so it is cut to ``GATEWAY_ORDER_ID_MAX`` characters.
    """

    id: str
    payment_url: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", self.id[:GATEWAY_ORDER_ID_MAX])


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """
    The aggregate; its refunds are part of it and share its one *version*.

    *quote* never changes. *gateway_order* is None until the bank created a session, *session_unanswered*
    that the request for it has ended without the bank's answer. *capture* is what the bank charged; *retry*
    says of which payment this is a retry, *retried_as* which one retries this. *client_reference* is what
    the platform calls the purchase, *consent* what the student agreed to, None where nothing was told of
    it. Instants are UTC.
    """

    id: PaymentId
    student: Student
    buyer: Buyer
    quote: Quote
    state: State
    opened_at: datetime
    expires_at: datetime
    reservation: DiscountReservation | None = None
    gateway_order: GatewayOrder | None = None
    session_unanswered: bool = False
    failure: FailureReason | None = None
    review: Review = NOT_REVIEWED
    capture: Capture | None = None
    closed_at: datetime | None = None
    retry: Retry | None = None
    retried_as: PaymentId | None = None
    refunds: Refunds = NONE
    disputes: tuple[Dispute, ...] = ()
    client_reference: ClientReference | None = None
    consent: Consent | None = None
    version: int = 0

    @classmethod
    def begin(
        cls,
        payment: PaymentId,
        *,
        student: Student,
        buyer: Buyer,
        quote: Quote,
        at: datetime,
        lifetime: timedelta,
        client_reference: ClientReference | None = None,
        consent: Consent | None = None,
    ) -> Self:
        """Return a pending payment; its discount slot, if any, is reserved until it ends."""
        return cls(
            id=payment,
            student=student,
            buyer=buyer,
            quote=quote,
            state=State.PENDING,
            opened_at=at,
            expires_at=at + lifetime,
            reservation=DiscountReservation.RESERVED if quote.discount_code else None,
            client_reference=client_reference,
            consent=consent,
        )

    @property
    def course(self) -> CourseId:
        return self.quote.course

    @property
    def reference_text(self) -> str | None:
        """What the platform calls the purchase, None where it told nothing."""
        return None if self.client_reference is None else self.client_reference.text

    @property
    def captured(self) -> Money:
        return self.capture.amount if self.capture else ZERO

    @property
    def refundable(self) -> Money:
        """
        What may still be refunded: captured, less all refunds that are paid or in flight.

        Less what was lost in disputes, too; while one is open it is nothing.
        """
        return undisputed(self.disputes, self._left)

    @property
    def _left(self) -> Money:
        """What no refund has taken, disputed or not."""
        return self.refunds.refundable_from(self.captured) if self.can_be_refunded else ZERO

    @property
    def is_charged_otherwise(self) -> bool:
        """Whether the bank charged another amount or currency than was quoted, which is no sale."""
        taken = self.capture
        quoted = (self.quote.payable, CURRENCY)
        return (
            taken is not None
            and not self.state.is_sold
            and (taken.amount, taken.currency) != quoted
        )

    @property
    def can_be_refunded(self) -> bool:
        """Whether it took money that is ours to refund: of a sale, or another amount, in rupees."""
        taken = self.capture
        ours = self.state.is_sold or self.is_charged_otherwise
        return ours and taken is not None and taken.currency == CURRENCY

    @property
    def went_back_in_full(self) -> bool:
        """Whether it took money, and all of it has gone back."""
        return bool(self.captured) and self.refunds.went_back == self.captured

    @property
    def awaits_refund_news(self) -> bool:
        """Whether the bank reported a refund that had no room here then, and has room now."""
        return self.refunds.has_room_for_refused(self.captured)

    @property
    def lapses_at(self) -> datetime:
        """When the session has surely ended at the bank too, so that its answer may expire the payment."""
        return self.expires_at + min(LAPSE_GRACE_MAX, self.expires_at - self.opened_at)

    @property
    def awaits_session(self) -> bool:
        """Whether it is pending and the bank created no session, so that nobody can have paid it."""
        return self.state is State.PENDING and self.gateway_order is None

    @property
    def may_be_resumed(self) -> bool:
        """Whether nobody asks the bank for its session now: who did was told that there was no answer."""
        return self.awaits_session and self.session_unanswered

    @property
    def is_under_review(self) -> bool:
        """Whether staff have to review it first: the bank may hold money for this payment."""
        return self.review.blocks

    @property
    def retry_standing(self) -> RetryStanding:
        return RetryStanding(
            state=self.state,
            failure=self.failure,
            under_review=self.is_under_review,
            retries=self.retry.used if self.retry else 0,
            begun_at=self.retry.begun_at if self.retry else self.opened_at,
            retried=self.retried_as is not None,
        )

    @property
    def may_be_replaced(self) -> bool:
        """Whether this is a retry that nobody could pay, so that another retry may replace it."""
        retry = self.retry
        return (
            self.state is State.FAILED and bool(retry and not retry.counts) and not self.retried_as
        )

    def retries(self, payment: "Payment") -> bool:
        """Whether this is the retry that followed *payment*."""
        return self.retry is not None and self.retry.of == payment.id

    def retry_as(
        self, payment: PaymentId, *, quote: Quote, at: datetime, lifetime: timedelta
    ) -> "tuple[Payment, Payment]":
        """
        Return this payment marked as retried, and its retry: pending, for the same quote.

        Whether a retry is allowed says ``retry_standing``. Raises ``PriceChanged``.
        """
        ExpectedQuote.of(self.quote).check(quote)
        begun = Payment.begin(
            payment, student=self.student, buyer=self.buyer, quote=quote, at=at, lifetime=lifetime
        )
        standing = self.retry_standing
        retry = Retry(
            of=self.id,
            first=self.retry.first if self.retry else self.id,
            number=standing.retries + 1,
            begun_at=standing.begun_at,
        )
        reference = self.client_reference and self.client_reference.of_another(self.id)
        begun = replace(begun, retry=retry, client_reference=reference, consent=self.consent)
        return replace(self, retried_as=payment), begun

    def with_email(self, email: str) -> Self:
        """Return this payment with another email address of its student."""
        return replace(self, student=replace(self.student, email=email))

    def with_gateway_order(self, order: GatewayOrder) -> Self:
        """Return this payment with its order at the bank; an order that it has already stays."""
        if self.gateway_order:
            return self
        return replace(self, gateway_order=order, session_unanswered=False)

    def without_answer(self) -> Self:
        """Return this payment; the bank did not answer the request for its session, which has ended."""
        return replace(self, session_unanswered=True)

    def request_refund(
        self, request: RefundRequest, *, at: datetime, approval_threshold: Money
    ) -> Self:
        """
        Return this payment with the requested refund, which is sent next or waits for approval.

        It waits for a second person when all refunds of this payment that one person alone decided
        would pass *approval_threshold* together, so splitting a refund does not avoid approval. Raises

        - ``NotRefundable`` when the payment captured nothing;
        - ``RefundDisputed`` when the money could be paid twice;
        - ``StaleAvailable`` when another amount is left than the request names;
        - ``RefundTooLarge`` and ``RefundTooSmall``;
        - ``TooManyRefunds``.
        """
        if not self.captured or not self.can_be_refunded:
            raise NotRefundable(self.id, self.state)
        check_undisputed(self.disputes, request.amount, self._left)
        refunds = self.refunds.request(
            request, left=self.refundable, at=at, approval_threshold=approval_threshold
        )
        return replace(self, refunds=refunds).cleared(ReviewReason.REFUND_FAILED)

    def approve_refund(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """
        Return this payment with the refund approved.

        Raises what ``Refunds.approve`` raises, and ``RefundDisputed``.
        """
        # The refund itself is reserved already, and no part of what is left.
        amount = self.refunds.get(refund).amount
        check_undisputed(self.disputes, amount, self._left + amount)
        return replace(self, refunds=self.refunds.approve(refund, by=by, at=at))

    def withheld_for(self, refund: Refund) -> Dispute | None:
        """
        Return the dispute because of which *refund* must not be sent, whoever requested it.

        None for a refund that may be sent, or that is not REQUESTED.
        """
        if refund.state is not RefundState.REQUESTED:
            return None
        # The refund itself is reserved already, and no part of what is left.
        return dispute_against(self.disputes, refund.amount, self._left + refund.amount)

    def reject_refund(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return this payment with the refund rejected; raises what ``Refunds.reject`` raises."""
        return replace(self, refunds=self.refunds.reject(refund, by=by, at=at))

    def lapse_refund(self, refund: RefundId, *, at: datetime, after: timedelta) -> Self:
        """Return this payment; a refund that waits for approval for as long as *after* is rejected."""
        return replace(self, refunds=self.refunds.lapse(refund, at=at, after=after))

    def alerted_of(self, disputes: Collection[str], at: datetime) -> Self:
        """Return this payment; staff have been alerted of the open ones of these disputes, by id."""
        told = tuple(
            replace(each, alerted_at=at) if each.state.is_open and each.id in disputes else each
            for each in self.disputes
        )
        return replace(self, disputes=told)

    def flagged(self, *reasons: ReviewReason, at: datetime) -> Self:
        """Return this payment with *reasons* for a review; one that it has already keeps its age."""
        return replace(self, review=self.review.with_(*reasons, at=at))

    def cleared(self, *reasons: ReviewReason) -> Self:
        """Return this payment without *reasons* for a review; every other reason stays."""
        return replace(self, review=self.review.without(*reasons))
