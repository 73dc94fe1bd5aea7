"""What news of disputes makes of a payment: the disputes on record, and the reviews that staff owe."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.money import Money
from domain.payments.decision import Decision, compared
from domain.payments.dispute import (
    RESPONSE_USUAL,
    apply_dispute_facts,
    dispute_about,
    open_disputes,
)
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.order_facts import OrderFacts, ReviewReason
from domain.payments.payment import Payment


def with_disputes(
    decision: Decision, facts: OrderFacts, at: datetime, response: timedelta
) -> Decision:
    """
    Return *decision* with the disputes in *facts*; without any, nothing changes.

    An open dispute is reviewed until it ends, a lost one until staff have accepted it.
    """
    return (
        _with_dispute_facts(decision, facts.disputes, at, response) if facts.disputes else decision
    )


def record_dispute(
    payment: Payment,
    discrepancy: str,
    amount: Money,
    state: DisputeState,
    *,
    at: datetime,
    response: timedelta = RESPONSE_USUAL,
) -> Decision:
    """
    Return *payment* with the dispute by which the bank pulled *amount*, in *state*, as a *discrepancy* is about it.

    It follows as from the bank's own word; a step back changes nothing.
    """
    name = dispute_about(payment.disputes, amount, discrepancy)
    facts = DisputeFacts(id=name, amount=amount, state=state)
    decision = _with_dispute_facts(Decision(payment=payment), (facts,), at, response)
    return compared(decision, before=payment)


def _with_dispute_facts(
    decision: Decision, facts: Sequence[DisputeFacts], at: datetime, response: timedelta
) -> Decision:
    before = decision.payment
    disputes = apply_dispute_facts(
        before.disputes,
        facts,
        captured=before.captured or before.quote.payable,
        since=before.opened_at,
        at=at,
        response=response,
    )
    if disputes == before.disputes:
        return decision
    lost_before = {each.id for each in before.disputes if each.state is DisputeState.LOST}
    news = {
        ReviewReason.DISPUTED: bool(open_disputes(disputes)),
        ReviewReason.DISPUTE_UNCLEAR: any(each.unclear for each in disputes),
    }
    payment = replace(before, disputes=disputes).cleared(
        *(reason for reason, stands in news.items() if not stands)
    )
    raised = [reason for reason, stands in news.items() if stands]
    if any(each.state is DisputeState.LOST and each.id not in lost_before for each in disputes):
        raised.append(ReviewReason.DISPUTE_LOST)
    for reason in raised:
        payment = payment.flagged(reason, at=at)
    return replace(decision, payment=payment)
