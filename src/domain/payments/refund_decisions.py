"""What news of its refunds makes of a payment, and the refund of a charge that gives no enrolment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.identifiers import RefundId, system_refund_of
from domain.payments.decision import Decision, Step, compared, flag
from domain.payments.dispute import lost_in
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, can_take
from domain.payments.refund_news import RefundNews, refund_rest, refuse
from domain.payments.refund_state import RefundEvent, RefundState
from domain.payments.refunds import Refunds
from domain.payments.review import MISMATCHES
from domain.payments.unwanted_charge import REFUND_REASON_FOR


def record_refund_refusal(
    payment: Payment, refund: RefundId, error: str, *, at: datetime
) -> Decision:
    """
    Return what follows when the bank refused the request, and is proven not to have the refund.

    A refund that the bank has nevertheless is left as it is. Raises ``NotFound``.
    """
    refund_news = refuse(payment.refunds, refund, error, at=at)
    return compared(with_refund_news(Decision(payment=payment), refund_news, at=at), before=payment)


def flag_overdue_refund(payment: Payment, refund: RefundId, at: datetime) -> Decision:
    """Flag a payment whose refund is not paid after ten days: staff have to ask the bank; or ``NotFound``."""
    if not awaits_the_bank_too_long(payment, refund, at):
        return Decision(payment=payment)
    return flag(payment, ReviewReason.REFUND_OVERDUE, at)


def awaits_the_bank_too_long(payment: Payment, refund: RefundId, at: datetime) -> bool:
    """Whether the bank has had the refund for ten days; one that a dispute withholds is not with the bank."""
    known = payment.refunds.get(refund)
    return known.is_overdue(at) and payment.withheld_for(known) is None


def end_lost_refunds(decision: Decision, at: datetime) -> Decision:
    """
    Return *decision* without the requested refunds whose money was lost in a dispute: they failed.

    The latest ends first, so that an earlier one may still fit into what is left. Staff review them.
    """
    for refund in reversed(decision.payment.refunds.known):
        payment = decision.payment
        dispute = payment.withheld_for(refund)
        if dispute is None or dispute.state.is_open:
            continue
        error = f"the dispute {dispute.id} was lost: the payer has the money"
        refund_news = refuse(
            payment.refunds, refund.id, error, at=at, event=RefundEvent.DISPUTE_LOST
        )
        decision = replace(
            decision,
            payment=replace(payment, refunds=refund_news.refunds).flagged(
                *refund_news.review_reasons, at=at
            ),
            refund_moves=(*decision.refund_moves, *refund_news.moves),
        )
    return decision


def refund_unwanted_charge(decision: Decision, at: datetime) -> Decision:
    """
    Return *decision* with a refund of all that is left of an unwanted charge; the system requests it.

    What was lost in a dispute is not left. While one is open the refund is withheld as any other.
    """
    if decision.unwanted is None:
        return decision
    payment = decision.payment
    refund_news = refund_rest(
        payment.refunds,
        system_refund_of(payment.id),
        captured=payment.captured - lost_in(payment.disputes),
        reason=REFUND_REASON_FOR[decision.unwanted],
        at=at,
    )
    return replace(
        decision,
        payment=replace(payment, refunds=refund_news.refunds),
        refund_moves=(*decision.refund_moves, *refund_news.moves),
    )


def with_refund_news(decision: Decision, refund_news: RefundNews, *, at: datetime) -> Decision:
    """Return *decision* with *refund_news*: the payment's state, enrolment and review follow."""
    payment = replace(decision.payment, refunds=refund_news.refunds)
    payment = payment.cleared(*_ended(refund_news.refunds, at))
    payment = payment.cleared(*refund_news.ended)
    payment = payment.flagged(*refund_news.review_reasons, at=at)
    step = _refund_step(payment)
    if step is not None:
        payment = replace(payment, state=step.to_state)
    refunded_in_full = step is not None and step.event is Event.ALL_WENT_BACK
    if refunded_in_full:
        payment = payment.cleared(*REFUND_REASON_FOR)
    if payment.went_back_in_full:
        payment = payment.cleared(*MISMATCHES, ReviewReason.REFUND_FAILED)
    ends = refunded_in_full or any(
        move.went_back and move.refund.revokes for move in refund_news.moves
    )
    return replace(
        decision,
        payment=payment,
        refund=step,
        enrols=decision.enrols and not ends,
        leaves=ends and not decision.enrols,
        refund_moves=refund_news.moves,
    )


def _ended(refunds: Refunds, at: datetime) -> Iterator[ReviewReason]:
    """Return the reasons that no refund gives any more."""
    if not any(refund.state is RefundState.MANUAL_REVIEW for refund in refunds):
        yield ReviewReason.REFUND_IN_REVIEW
    if not any(refund.is_overdue(at) for refund in refunds):
        yield ReviewReason.REFUND_OVERDUE
    if not any(refund.state is RefundState.FAILED for refund in refunds):
        yield ReviewReason.REFUND_FAILED


def _refund_step(payment: Payment) -> Step | None:
    refunded = payment.refunds.went_back
    event = Event.ALL_WENT_BACK if refunded == payment.captured else Event.PART_WENT_BACK
    return Step(payment.state, event) if refunded and can_take(payment.state, event) else None
