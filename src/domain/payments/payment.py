"""One student's payment for one course: what it may become, and what follows from what the bank said."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from domain.catalogue.course import CourseId
from domain.catalogue.quote import Quote
from domain.identifiers import PaymentId, RefundId, StudentId, own_refund_of
from domain.money import ZERO, Money
from domain.payments.capture import Capture
from domain.payments.discount_reservation import Redemption, SlotEffect, redeem
from domain.payments.failure_reason import Failure
from domain.payments.order_facts import OVER_AT_THE_BANK, OrderFacts, ReviewReason, Verdict
from domain.payments.payment_state import Event, State, after, can_take
from domain.payments.refund import NotRefundable, RefundRequest
from domain.payments.refunds import NONE, RefundMove, RefundNews, Refunds
from domain.payments.retry import PriceChanged, Retry, RetryStanding
from domain.payments.unwanted_charge import UNWANTED, unwanted_because
from domain.tax.gst import Buyer

CURRENCY: Final = "INR"

LAPSE_GRACE_MAX: Final = timedelta(minutes=1)
"""The bank counts a session in whole minutes from when it is asked, so its page may close after ours."""

EVENTS: Final = {
    Verdict.IN_PROGRESS: Event.BANK_BUSY,
    Verdict.CHARGED: Event.BANK_CHARGED,
    Verdict.DECLINED: Event.BANK_DECLINED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """Who pays, as the platform vouched for them when the payment was opened."""

    id: StudentId
    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOrder:
    """The bank's side of our order: its own id, and the page where the student pays."""

    id: str
    payment_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    id: PaymentId
    student: Student
    buyer: Buyer
    quote: Quote
    state: State
    opened_at: datetime
    expires_at: datetime
    redemption: Redemption | None = None
    gateway_order: GatewayOrder | None = None
    failure: Failure | None = None
    review_reason: ReviewReason | None = None
    capture: Capture | None = None
    closed_at: datetime | None = None
    retry: Retry | None = None
    retried_as: PaymentId | None = None
    refunds: Refunds = NONE
    version: int = 0

    @classmethod
    def open(
        cls,
        payment: PaymentId,
        *,
        student: Student,
        buyer: Buyer,
        quote: Quote,
        at: datetime,
        lifetime: timedelta,
    ) -> Self:
        """Return a pending payment whose discount slot, if any, is reserved until it closes."""
        return cls(
            id=payment,
            student=student,
            buyer=buyer,
            quote=quote,
            state=State.PENDING,
            opened_at=at,
            expires_at=at + lifetime,
            redemption=Redemption.RESERVED if quote.discount_code else None,
        )

    @property
    def course(self) -> CourseId:
        return self.quote.course

    @property
    def captured(self) -> Money:
        return self.capture.amount if self.capture else ZERO

    @property
    def refundable(self) -> Money:
        """What may still be asked back, all that is on its way back taken off."""
        return self.refunds.refundable_from(self.captured) if self.state.is_sold else ZERO

    @property
    def lapses_at(self) -> datetime:
        """When the bank's page is surely closed as well, and a last answer may end the session."""
        return self.expires_at + min(LAPSE_GRACE_MAX, self.expires_at - self.opened_at)

    @property
    def may_be_given_up(self) -> bool:
        """Whether nobody can have paid: no page was ever handed out, and the bank reported nothing."""
        return self.state is State.PENDING and self.gateway_order is None

    @property
    def is_under_review(self) -> bool:
        """Whether a person has to look first: the bank may hold money for this payment."""
        return self.review_reason is not None and self.review_reason not in OVER_AT_THE_BANK

    @property
    def retry_standing(self) -> RetryStanding:
        return RetryStanding(
            state=self.state,
            failure=self.failure,
            review_reason=self.review_reason,
            retries=self.retry.used if self.retry else 0,
            begun_at=self.retry.begun_at if self.retry else self.opened_at,
            retried=self.retried_as is not None,
        )

    @property
    def may_be_replaced(self) -> bool:
        """Whether this is a retry that nobody could pay, so that another may stand in its place."""
        retry = self.retry
        return (
            self.state is State.FAILED and bool(retry and not retry.counts) and not self.retried_as
        )

    def try_again(
        self, payment: PaymentId, *, quote: Quote, at: datetime, lifetime: timedelta
    ) -> "tuple[Payment, Payment]":
        """
        Return this payment knowing its retry, and the retry: pending, for the same price.

        Whether a retry is allowed is for ``retry_standing`` to say. Raises ``PriceChanged``.
        """
        if quote.payable != self.quote.payable:
            raise PriceChanged(self.quote.payable, quote.payable)
        opened = Payment.open(
            payment, student=self.student, buyer=self.buyer, quote=quote, at=at, lifetime=lifetime
        )
        standing = self.retry_standing
        retry = Retry(
            of=self.id,
            first=self.retry.first if self.retry else self.id,
            number=standing.retries + 1,
            begun_at=standing.begun_at,
        )
        return replace(self, retried_as=payment), replace(opened, retry=retry)

    def with_email(self, email: str) -> Self:
        """Return this payment with another address of its student's, from now on."""
        return replace(self, student=replace(self.student, email=email))

    def with_gateway_order(self, order: GatewayOrder) -> Self:
        """Return this payment knowing its page at the bank; the first order stays."""
        return self if self.gateway_order else replace(self, gateway_order=order)

    def ask_refund(
        self, request: RefundRequest, *, at: datetime, approval_threshold: Money
    ) -> Self:
        """
        Return this payment with a refund asked for, or refuse: ``NotRefundable``, ``StaleAvailable``,
        ``RefundTooLarge``, ``RefundTooSmall`` or ``TooManyRefunds``.

        The refund waits for a second person when all that one person's word gives back of this
        payment would pass *alone_up_to*, so that cutting it in pieces helps nobody.
        """
        if not self.captured or not self.state.is_sold:
            raise NotRefundable(self.id, self.state)
        refunds = self.refunds.ask(
            request, captured=self.captured, at=at, approval_threshold=approval_threshold
        )
        return replace(self, refunds=refunds)._cleared(ReviewReason.REFUND_FAILED)  # noqa: SLF001 - one payment

    def approve_refund(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return this payment with the refund on its way; who asked for it may not be the one."""
        return replace(self, refunds=self.refunds.approve(refund, by=by, at=at))

    def reject_refund(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return this payment with the refund rejected, or withdrawn by who asked for it."""
        return replace(self, refunds=self.refunds.reject(refund, by=by, at=at))

    def refund_refused(self, refund: RefundId, error: str, *, at: datetime) -> "Decision":
        """
        Return what follows when the bank would not take the request, and is proven not to have it.

        One that the bank turned out to have is left as it is.
        """
        refund_news = self.refunds.refused(refund, error, at=at)
        return _given_back(self, Decision(payment=self), refund_news)

    def flag_overdue_refund(self, refund: RefundId, at: datetime) -> "Decision":
        """Return what follows when a refund is still not back after ten days: a person has to ask."""
        if not self.refunds.get(refund).is_overdue(at):
            return Decision(payment=self)
        return self._flag(ReviewReason.REFUND_OVERDUE)

    def complete_without_payment(self, at: datetime) -> "Decision":
        """Return what follows when a discount leaves nothing to pay; no bank is asked."""
        return _moved(self, Event.NOTHING_TO_PAY, at)

    def give_up(self, failure: Failure, at: datetime) -> "Decision":
        """Return what follows when the bank's page could not be opened: nobody can pay this order."""
        retry = replace(self.retry, counts=False) if self.retry else None
        return _moved(replace(self, failure=failure, retry=retry), Event.SESSION_NOT_OPENED, at)

    def unresolved(self) -> "Decision":
        """Return what follows when nobody knows for too long: a person is called, unless one is already."""
        return Decision(payment=self) if self.review_reason else self._flag(ReviewReason.UNRESOLVED)

    def apply(
        self,
        facts: OrderFacts,
        *,
        at: datetime,
        owned_by: PaymentId | None = None,
        on_sale: bool = True,
    ) -> "Decision":
        """
        Return what the bank's answer changes; an answer that is no step forward changes nothing.

        *owned_by* is another payment that already opened this course for this student, *on_sale*
        whether the course can still be bought. Only an answer for this very order with exactly the
        quoted amount in INR can make a sale. The refunds that the answer tells of are settled with it,
        whoever asked for them. Money for a course that is owned already, or late for one that is not
        on sale any more, opens nothing: what the bank does not give back itself is asked back at once.
        """
        if facts.payment != self.id:
            raise ValueError(f"facts of order {facts.payment} offered to {self.id}")
        unwanted = unwanted_because(self.state, owned_by=owned_by, on_sale=on_sale)
        decision = self._apply_sale(facts, at, unwanted)
        if facts.refunds:
            now = decision.payment
            refund_news = now.refunds.reconcile_with(facts.refunds, captured=now.captured, at=at)
            decision = _given_back(self, decision, refund_news)
        return _sent_back(decision, decision.unwanted, at) if decision.unwanted else decision

    def _apply_sale(
        self, facts: OrderFacts, at: datetime, unwanted: ReviewReason | None
    ) -> "Decision":
        if facts.verdict is Verdict.UNCLEAR:
            return self._doubt(facts, at)
        if facts.verdict is Verdict.CHARGED:
            return self._charge(facts, at, unwanted)
        if facts.verdict in {Verdict.NOT_ATTEMPTED, Verdict.UNKNOWN_ORDER}:
            return self._lapse(at)
        event = EVENTS[facts.verdict]
        if not can_take(self.state, event):
            return Decision(payment=self)
        return _moved(replace(self, failure=facts.failure), event, at)

    def _cleared(self, *worries: ReviewReason) -> Self:
        return replace(self, review_reason=None) if self.review_reason in worries else self

    def _charge(self, facts: OrderFacts, at: datetime, unwanted: ReviewReason | None) -> "Decision":
        if self.state.is_sold:
            return Decision(payment=self)
        if facts.currency != CURRENCY:
            return self._flag(ReviewReason.CURRENCY_DIFFERS)
        if facts.amount != self.quote.payable:
            return self._flag(ReviewReason.AMOUNT_DIFFERS)
        charged = replace(
            self,
            capture=Capture.proven_by(facts, facts.amount, at),
            failure=None,
            review_reason=unwanted,
        )
        return _moved(charged, Event.BANK_CHARGED, at, unwanted=unwanted)

    def _lapse(self, at: datetime) -> "Decision":
        if self.state is not State.PENDING or at < self.lapses_at:
            return Decision(payment=self)
        return _moved(replace(self, failure=Failure.SESSION_EXPIRED), Event.SESSION_LAPSED, at)

    def _doubt(self, facts: OrderFacts, at: datetime) -> "Decision":
        """Move nothing and ask for a person; but an order that is over must not hold its place for ever."""
        review_reason = facts.review_reason or ReviewReason.UNKNOWN_STATUS
        flagged = self._returned(facts, at)._flag(review_reason)  # noqa: SLF001 - one payment
        lapsed = flagged.payment._lapse(at)  # noqa: SLF001 - one payment, one step further
        if review_reason in OVER_AT_THE_BANK and lapsed.is_news:
            return replace(lapsed, flagged=flagged.flagged)
        return flagged

    def _returned(self, facts: OrderFacts, at: datetime) -> Self:
        """Remember that the bank took the money, when it says that it gives it back by itself."""
        taken = (facts.amount, facts.currency) == (self.quote.payable, CURRENCY)
        if facts.review_reason is not ReviewReason.AUTO_REFUNDED or self.capture or not taken:
            return self
        return replace(self, capture=Capture.proven_by(facts, self.quote.payable, at))

    def _flag(self, review_reason: ReviewReason) -> "Decision":
        # A sale that stands is not put in doubt by a later word such as AUTO_REFUNDED, but staff
        # have to see it all the same.
        if self.review_reason is review_reason:
            return Decision(payment=self)
        return Decision(payment=replace(self, review_reason=review_reason), flagged=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What one piece of news comes to: the payment as it is now, and the effects that go with it.

    They are applied together or not at all. The sale's own step (*moved_from*, *event*) and the one
    that money going back leads to (*went_back_from*, *went_back*) may come in one answer, in this
    order. *enrols* opens the course, *leaves* closes it. *unwanted* says why the
    money opens nothing, and goes back.
    Nothing moved and nothing flagged means old news.
    """

    payment: Payment
    moved_from: State | None = None
    event: Event | None = None
    slot: SlotEffect | None = None
    enrols: bool = False
    unwanted: ReviewReason | None = None
    flagged: bool = False
    refunds: tuple[RefundMove, ...] = ()
    went_back_from: State | None = None
    went_back: Event | None = None
    leaves: bool = False

    @property
    def moved_to(self) -> State | None:
        """Where the sale's own step led, before any money went back."""
        return after(self.moved_from, self.event) if self.moved_from and self.event else None

    @property
    def failed_after_attempt(self) -> bool:
        """
        Whether the student tried to pay and it came to nothing, by this very step.

        Who closed the page, or never got one, has tried nothing; what the bank gives back by itself
        is told as a refund.
        """
        lapsed_voided = (
            self.event is Event.SESSION_LAPSED and self.payment.review_reason is ReviewReason.VOIDED
        )
        return self.event is Event.BANK_DECLINED or lapsed_voided

    @property
    def is_news(self) -> bool:
        return self.moved_from is not None or self.flagged or bool(self.refunds)


def _moved(
    payment: Payment, event: Event, at: datetime, *, unwanted: ReviewReason | None = None
) -> Decision:
    state = after(payment.state, event)
    # What opens nothing takes no slot either.
    redemption, slot = redeem(payment.redemption, State.FAILED if unwanted else state)
    closed = None if state.is_live else at
    # Whatever it became, it is unresolved no longer.
    review_reason = (
        None if payment.review_reason is ReviewReason.UNRESOLVED else payment.review_reason
    )
    return Decision(
        payment=replace(
            payment,
            state=state,
            redemption=redemption,
            closed_at=closed,
            review_reason=review_reason,
        ),
        moved_from=payment.state,
        event=event,
        slot=slot,
        enrols=state is State.SUCCESS and not unwanted,
        unwanted=unwanted,
        flagged=unwanted is not None,
    )


def _sent_back(decision: Decision, unwanted: ReviewReason, at: datetime) -> Decision:
    """Return *decision* with all that is left of the money asked back, by the house and nobody else."""
    payment = decision.payment
    refund_news = payment.refunds.give_back(
        own_refund_of(payment.id), captured=payment.captured, reason=UNWANTED[unwanted], at=at
    )
    return replace(
        decision,
        payment=replace(payment, refunds=refund_news.refunds),
        refunds=(*decision.refunds, *refund_news.moves),
    )


def _given_back(before: Payment, decision: Decision, refund_news: RefundNews) -> Decision:
    """Return *decision* and what was *heard* about refunds as one: state, place and attention follow."""
    payment = replace(decision.payment, refunds=refund_news.refunds)
    if not any(refund.state.is_with_the_bank for refund in refund_news.refunds):
        payment = payment._cleared(ReviewReason.REFUND_IN_REVIEW, ReviewReason.REFUND_OVERDUE)  # noqa: SLF001 - one payment
    payment = replace(payment, review_reason=refund_news.review_reason or payment.review_reason)
    went_back = _what_went_back(payment)
    if went_back:
        payment = replace(payment, state=after(payment.state, went_back))
    if went_back is Event.ALL_WENT_BACK:
        payment = payment._cleared(*UNWANTED)  # noqa: SLF001 - one payment
    ends = went_back is Event.ALL_WENT_BACK or any(
        move.went_back and move.refund.revokes for move in refund_news.moves
    )
    return replace(
        decision,
        payment=payment,
        enrols=decision.enrols and not ends,
        leaves=ends and not decision.enrols,
        # Told again, the same worries are no news.
        flagged=payment.review_reason not in {None, before.review_reason},
        refunds=refund_news.moves,
        went_back_from=decision.payment.state if went_back else None,
        went_back=went_back,
    )


def _what_went_back(payment: Payment) -> Event | None:
    back = payment.refunds.went_back
    event = Event.ALL_WENT_BACK if back == payment.captured else Event.PART_WENT_BACK
    return event if back and can_take(payment.state, event) else None
