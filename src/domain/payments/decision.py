"""What one piece of news comes to: the payment as it is now, and what has to be written with it."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.identifiers import RefundId
from domain.payments.bank_clock import RefusedInstant
from domain.payments.capture import Capture
from domain.payments.discount_reservation import SlotEffect, reservation_after
from domain.payments.dispute import Dispute
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State, after
from domain.payments.refund_news import RefundMove
from domain.payments.refused_refund import RefusedRefund


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a payment's state."""

    from_state: State
    event: Event

    @property
    def to_state(self) -> State:
        return after(self.from_state, self.event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    The payment as it is now, and the effects to write with it: all together, or none.

    *sale* is the step of the sale itself, *refund* the step because money has gone back. One answer
    may lead to both, in this order. *enrols* begins the enrolment, *leaves* ends it. *unwanted* says
    why a charge gives no enrolment and is refunded. *raised* are the reasons that staff have to review
    from now on, *cleared* those that have ended. *refused_refunds* are new
    reports of the bank that could not be applied; *remembers* is set when what is refused, or what
    was captured, has changed. *refused_instants* are of the bank and could not be
    true: our clock's stand in their place. Without a step, a change of the reasons and a moved refund
    there was no news.
    """

    payment: Payment
    sale: Step | None = None
    refund: Step | None = None
    slot: SlotEffect | None = None
    enrols: bool = False
    leaves: bool = False
    unwanted: ReviewReason | None = None
    raised: tuple[ReviewReason, ...] = ()
    cleared: tuple[ReviewReason, ...] = ()
    refund_moves: tuple[RefundMove, ...] = ()
    refused_refunds: tuple[RefusedRefund, ...] = ()
    remembers: bool = False
    refused_instants: tuple[RefusedInstant, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    """The disputes that are new or have moved."""

    captures: bool = False
    """Whether the payment's capture is new or another one."""

    captured_before: Capture | None = None
    """What was captured before it is captured or enrols now, None where nothing was."""

    @property
    def is_news(self) -> bool:
        return self.sale is not None or self.reviews or self.remembers or bool(self.refund_moves)

    @property
    def flagged(self) -> bool:
        """Whether staff have a new reason to review."""
        return bool(self.raised)

    @property
    def reviews(self) -> bool:
        """Whether the reasons to review have changed."""
        return bool(self.raised or self.cleared)

    def refused_instant(self, refund: RefundId | None = None) -> datetime | None:
        """Return the bank's instant (UTC) that was not believed: of *refund*, or of the charge."""
        told = (each.told for each in self.refused_instants if each.refund == refund)
        return next(told, None)

    @property
    def failed_after_attempt(self) -> bool:
        """
        Whether the student tried to pay and it failed, by this very step.

        A student who closed the bank's page, or never got one, made no attempt. What the bank
        refunds by itself is reported to the student as a refund.
        """
        if self.sale is None:
            return False
        reasons = self.payment.review.reasons
        voided = ReviewReason.VOIDED in reasons and ReviewReason.AUTO_REFUNDED not in reasons
        lapsed_voided = self.sale.event is Event.SESSION_LAPSED and voided
        return self.sale.event is Event.BANK_DECLINED or lapsed_voided


def take_step(
    payment: Payment, event: Event, at: datetime, *, unwanted: ReviewReason | None = None
) -> Decision:
    """Return *payment* after *event*, with its discount slot and enrolment, or raise ``IllegalStep``."""
    step = Step(payment.state, event)
    state = step.to_state
    # A charge that gives no enrolment uses no discount either.
    reservation, slot = reservation_after(payment.reservation, State.FAILED if unwanted else state)
    moved = replace(
        payment, state=state, reservation=reservation, closed_at=None if state.is_live else at
    )
    stepped = Decision(
        payment=replace(moved, review=moved.review.moved()).cleared(ReviewReason.UNRESOLVED),
        sale=step,
        slot=slot,
        enrols=state is State.SUCCESS and not unwanted,
        unwanted=unwanted,
    )
    return compared(stepped, before=payment)


def flag(payment: Payment, review_reason: ReviewReason, at: datetime) -> Decision:
    """Return *payment* with *review_reason* for staff; a reason that it has already is no news."""
    # A sale stays a sale after a later word such as AUTO_REFUNDED, but staff have to see the word.
    return compared(Decision(payment=payment.flagged(review_reason, at=at)), before=payment)


def compared(decision: Decision, *, before: Payment) -> Decision:
    """Return *decision* with what its payment has more, or less, than it had *before*: reasons and refusals."""
    had, has = before.review.reasons, decision.payment.review.reasons
    knew, knows = before.refunds.refused, decision.payment.refunds.refused
    captures = before.capture != decision.payment.capture
    return replace(
        decision,
        raised=tuple(sorted(has - had)),
        cleared=tuple(sorted(had - has)),
        refused_refunds=tuple(each for each in knows if each not in knew),
        remembers=knew != knows or captures or before.disputes != decision.payment.disputes,
        disputes=tuple(each for each in decision.payment.disputes if each not in before.disputes),
        captures=captures,
        captured_before=before.capture if captures or decision.enrols else None,
    )
