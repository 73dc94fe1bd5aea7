"""What the bank's answer about an order, or the lack of one, makes of a payment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.identifiers import PaymentId
from domain.money import CURRENCY, ZERO, Money
from domain.payments.adjustment import AdjustmentKind
from domain.payments.bank_clock import RefusedInstant, believe
from domain.payments.capture import Capture
from domain.payments.decision import Decision, compared, flag, take_step
from domain.payments.dispute import RESPONSE_USUAL
from domain.payments.dispute_decisions import with_disputes
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import FINAL_WITHOUT_SALE, OrderFacts, ReviewReason, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State, can_take
from domain.payments.refund_decisions import (
    end_lost_refunds,
    refund_unwanted_charge,
    with_refund_news,
)
from domain.payments.refund_news import reconcile
from domain.payments.review import MISMATCHES, STATUS_REASONS
from domain.payments.unwanted_charge import unwanted_reason

NOTHING_BORNE: Final[frozenset[AdjustmentKind]] = frozenset()

EVENTS: Final = {
    Verdict.IN_PROGRESS: Event.BANK_BUSY,
    Verdict.CHARGED: Event.BANK_CHARGED,
    Verdict.DECLINED: Event.BANK_DECLINED,
}


def apply_order_facts(
    payment: Payment,
    facts: OrderFacts,
    *,
    at: datetime,
    owned_by: PaymentId | None = None,
    on_sale: bool = True,
    returns_mismatch: bool = True,
    borne: frozenset[AdjustmentKind] = NOTHING_BORNE,
    dispute_response: timedelta = RESPONSE_USUAL,
    second_charges: Sequence[Money] = (),
) -> Decision:
    """
    Return what the bank's answer changes; an answer that is no step forward changes nothing.

    *owned_by* is another payment that already enrolled this student in this course. *on_sale* says
    whether the course can still be bought, *borne* on which adjustments the merchant has agreed.
    *second_charges* of the order are refunded apart from it (see ``reconcile``).
    Only an answer for this very order, with exactly the quoted amount in INR, makes a sale. Another
    amount is recorded and ends the session; with *returns_mismatch* all of it is refunded at once, in
    another currency by staff. The refunds in the answer are reconciled with it, whoever requested
    them. An instant that cannot be true is replaced by *at* (see ``bank_clock``). A charge that gives
    no enrolment (see ``unwanted_reason``) is refunded at once, as far as the bank does not refund it
    itself. Raises ``ValueError`` for facts of another order.
    """
    if facts.payment != payment.id:
        raise ValueError(f"facts of order {facts.payment} offered to {payment.id}")
    believed = believe(facts, opened_at=payment.opened_at, at=at)
    facts = believed.facts
    unwanted = unwanted_reason(payment.state, owned_by=owned_by, on_sale=on_sale)
    decision = _apply_sale(payment, facts, at, unwanted, returns_mismatch)
    decision = _with_adjustment(decision, payment, borne, at)
    now = decision.payment
    # A charge that the bank had refunded in part before it called it a sale: its state says so, too.
    if facts.refunds or (decision.sale and now.refunds):
        refund_news = reconcile(
            now.refunds,
            facts.refunds,
            captured=now.captured,
            at=at,
            second_charges=second_charges,
        )
        decision = with_refund_news(decision, refund_news, at=at)
    decision = with_disputes(decision, facts, at, dispute_response)
    decision = end_lost_refunds(decision, at)
    decision = refund_unwanted_charge(decision, at)
    dated_by_us = _dated_by_us(decision, believed.refused, payment)
    return compared(replace(decision, refused_instants=dated_by_us), before=payment)


def _with_adjustment(
    decision: Decision, before: Payment, borne: frozenset[AdjustmentKind], at: datetime
) -> Decision:
    """Return *decision* with a review where the student paid something else, and nobody has agreed to that."""
    capture = decision.payment.capture
    sold = decision.payment.state.is_sold
    if capture is None or not sold or before.state.is_sold:
        return decision
    unexplained = capture.adjustment.kinds(capture.amount) - borne
    if not unexplained and not capture.adjustment.unreadable:
        return decision
    flagged = decision.payment.flagged(ReviewReason.EFFECTIVE_AMOUNT_DIFFERS, at=at)
    return replace(decision, payment=flagged)


def complete_without_payment(payment: Payment, at: datetime) -> Decision:
    """Return the sale of what a discount made free; the bank takes no part in it."""
    return take_step(payment, Event.NOTHING_TO_PAY, at)


def fail_without_session(payment: Payment, failure: FailureReason, at: datetime) -> Decision:
    """Return the failure of a payment that got no session at the bank: nobody can pay this order."""
    retry = replace(payment.retry, counts=False) if payment.retry else None
    failed = replace(payment, failure=failure, retry=retry)
    return take_step(failed, Event.SESSION_NOT_OPENED, at)


def flag_unresolved(payment: Payment, at: datetime) -> Decision:
    """Flag a payment whose end is unknown for too long, beside any other reason that it has."""
    return flag(payment, ReviewReason.UNRESOLVED, at)


def _apply_sale(
    payment: Payment,
    facts: OrderFacts,
    at: datetime,
    unwanted: ReviewReason | None,
    returns_mismatch: bool,  # noqa: FBT001 - handed on as it came
) -> Decision:
    if facts.verdict is Verdict.UNCLEAR:
        return _flag_unclear(payment, facts, at)
    if facts.verdict is Verdict.CHARGED:
        if (why := _mismatch(payment, facts)) and not payment.state.is_sold:
            return _charge_otherwise(payment, facts, at, why, returns=returns_mismatch)
        return _charge(payment, facts, at, unwanted)
    if facts.verdict in {Verdict.NOT_ATTEMPTED, Verdict.UNKNOWN_ORDER}:
        return _lapse(payment, at)
    event = EVENTS[facts.verdict]
    if facts.verdict is Verdict.DECLINED:
        payment = payment.cleared(*STATUS_REASONS)
    if not can_take(payment.state, event):
        return Decision(payment=payment)
    return take_step(replace(payment, failure=facts.failure), event, at)


def _charge(
    payment: Payment, facts: OrderFacts, at: datetime, unwanted: ReviewReason | None
) -> Decision:
    payment = payment.cleared(*STATUS_REASONS)
    # What another amount was refunded of is no sale any more, whatever the bank says later.
    if payment.state.is_sold or (payment.is_charged_otherwise and payment.refunds.count):
        return Decision(payment=payment)
    # What the bank said of the order before it charged it has ended; its own refunds have not.
    ended = MISMATCHES if payment.refunds else {*MISMATCHES, ReviewReason.AUTO_REFUNDED}
    charged = replace(
        payment.cleared(*ended),
        capture=Capture.proven_by(facts, payment.quote.payable, at),
        failure=None,
    )
    if unwanted:
        charged = charged.flagged(unwanted, at=at)
    return take_step(charged, Event.BANK_CHARGED, at, unwanted=unwanted)


def _mismatch(payment: Payment, facts: OrderFacts) -> ReviewReason | None:
    """Return why the charge in *facts* is not the one that was quoted, None when it is."""
    if facts.currency != CURRENCY:
        return ReviewReason.CURRENCY_DIFFERS
    return None if facts.amount == payment.quote.payable else ReviewReason.AMOUNT_DIFFERS


def _charge_otherwise(
    payment: Payment, facts: OrderFacts, at: datetime, why: ReviewReason, *, returns: bool
) -> Decision:
    """
    Record what the bank took, and end the session; with *returns* all of it goes back by itself.

    What went back in full is over. While a refund of it counts, the recorded amount stays.
    """
    payment = payment.cleared(*STATUS_REASONS)
    if payment.went_back_in_full:
        return Decision(payment=payment)
    if not facts.amount or not facts.currency or payment.refunds.count:
        return flag(payment, why, at)
    captured = Capture.proven_by(facts, facts.amount, at)
    if payment.capture and (captured.amount, captured.currency) == (
        payment.capture.amount,
        payment.capture.currency,
    ):
        captured = payment.capture
    charged = replace(payment.cleared(*(MISMATCHES - {why})), capture=captured, failure=None)
    charged = charged.flagged(why, at=at)
    # What staff accepted stays with the merchant.
    goes_back = returns and charged.can_be_refunded and why in charged.review
    unwanted = why if goes_back else None
    if not can_take(payment.state, Event.CHARGED_OTHERWISE):
        return Decision(payment=charged, unwanted=unwanted)
    stepped = take_step(charged, Event.CHARGED_OTHERWISE, at)
    due = returns and stepped.payment.can_be_refunded
    return replace(stepped, unwanted=why if due else None)


def _lapse(payment: Payment, at: datetime) -> Decision:
    if payment.state is not State.PENDING or at < payment.lapses_at:
        return Decision(payment=payment)
    expired = replace(payment, failure=FailureReason.SESSION_EXPIRED)
    return take_step(expired, Event.SESSION_LAPSED, at)


def _flag_unclear(payment: Payment, facts: OrderFacts, at: datetime) -> Decision:
    """Flag the payment; one whose order is final at the bank expires as well, to free its discount slot."""
    review_reason = facts.review_reason or ReviewReason.UNKNOWN_STATUS
    told = payment.cleared(*(STATUS_REASONS - {review_reason}))
    flagged = flag(_with_returned_charge(told, facts, at), review_reason, at)
    lapsed = _lapse(flagged.payment, at)
    if review_reason in FINAL_WITHOUT_SALE and lapsed.sale is not None:
        return lapsed
    return flagged


def _with_returned_charge(payment: Payment, facts: OrderFacts, at: datetime) -> Payment:
    """Return *payment* with the capture of a charge, of any amount, that the bank refunds by itself."""
    told = facts.amount and facts.currency
    if facts.review_reason is not ReviewReason.AUTO_REFUNDED or payment.capture or not told:
        return payment
    return replace(payment, capture=Capture.proven_by(facts, facts.amount or ZERO, at))


def _dated_by_us(
    decision: Decision, refused: tuple[RefusedInstant, ...], before: Payment
) -> tuple[RefusedInstant, ...]:
    """Return those of *refused* in whose place *decision* writes our own clock's instant."""
    adopted = {move.refund.id for move in decision.refund_moves if move.moved_from is None}
    captured = before.capture is None and decision.payment.capture is not None
    return tuple(
        instant
        for instant in refused
        if (captured if instant.refund is None else instant.refund in adopted)
    )
