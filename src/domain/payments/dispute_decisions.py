"""What news of disputes makes of a payment: the disputes on record, and the reviews that staff owe."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.payments.decision import Decision
from domain.payments.dispute import apply_dispute_facts, open_disputes
from domain.payments.dispute_state import DisputeState
from domain.payments.order_facts import OrderFacts, ReviewReason


def with_disputes(
    decision: Decision, facts: OrderFacts, at: datetime, response: timedelta
) -> Decision:
    """
    Return *decision* with the disputes in *facts*; without any, nothing changes.

    An open dispute is reviewed until it ends, a lost one until staff have accepted it.
    """
    before = decision.payment
    if not facts.disputes:
        return decision
    disputes = apply_dispute_facts(
        before.disputes,
        facts.disputes,
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
