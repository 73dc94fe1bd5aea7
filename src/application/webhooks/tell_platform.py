"""The platform is told by deliveries that are written in the unit of the fact."""

from datetime import datetime

from domain.payments.decision import Decision
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from domain.webhooks.payment_events import events_of, refund_event
from ports.unit_of_work import Work


def tell_decision(work: Work, decision: Decision, at: datetime, *, added: bool = False) -> None:
    """
    Collect the deliveries about *decision*; none when it is no fact that anybody is told.

    With *added* its payment is new in this unit, and is not saved over another version.
    """
    # A new payment has no version before it, so that what is saved later comes after it.
    sequence = decision.payment.version + (1 if added else 2)
    if events := events_of(decision, at, sequence=sequence):
        work.webhooks.deliveries.enqueue(events, at)


def tell_refund(
    work: Work,
    payment: Payment,
    refund: Refund,
    at: datetime,
    *,
    moved_from: RefundState | None = None,
) -> None:
    """Collect the deliveries about *refund* of *payment*, which is saved in this unit."""
    event = refund_event(payment, refund, at, sequence=payment.version + 2, moved_from=moved_from)
    work.webhooks.deliveries.enqueue([event], at)
