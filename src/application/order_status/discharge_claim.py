"""Discharging the claim that led to an order status, in the same unit of work that applies the status."""

from datetime import datetime
from typing import assert_never

from application.order_status.refund_effects import reschedule_refund_poll
from application.order_status.reschedule_poll import PollClaim, reschedule_poll
from domain.payments.decision import Decision
from domain.payments.refund_polling import RefundPollingSchedule
from ports.payments.inbox import InboxEntry
from ports.refunds.refund_polls import RefundPoll
from ports.unit_of_work import Work

Claim = InboxEntry | PollClaim | RefundPoll
"""What a worker holds while it asks the bank about an order."""


def discharge_claim(
    work: Work,
    claim: Claim | None,
    decision: Decision,
    *,
    at: datetime,
    schedule: RefundPollingSchedule,
) -> None:
    """
    Collect that *claim* is completed, rescheduled or buried, as *decision* leaves its payment.

    When a newer holder has it, the unit ends in ``ChangedMeanwhile`` and applies nothing.
    """
    match claim:
        case None:
            pass
        case InboxEntry():
            work.payments.inbox.complete(claim, at)
        case PollClaim():
            reschedule_poll(work, claim, decision, at)
        case RefundPoll():
            refund = decision.payment.refunds.find(claim.refund)
            if refund is not None and refund.state.is_in_flight:
                reschedule_refund_poll(work, claim, decision.payment, at=at, schedule=schedule)
            else:
                work.refunds.polls.complete(claim, at)
        case _:
            assert_never(claim)
