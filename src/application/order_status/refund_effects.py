"""The effects of a refund's step: its outbox task, its audit entry, and its next poll."""

from datetime import datetime, timedelta
from typing import Final

from domain.identifiers import RefundId
from domain.money import CURRENCY
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_news import RefundMove
from domain.payments.refund_polling import RefundPollingSchedule, polled_since
from domain.payments.refund_state import RefundState
from ports.audit_log import AuditEntry, Origin
from ports.notifications.outbox import OutboxTask
from ports.refunds.refund_polls import RefundPoll
from ports.unit_of_work import Work

REFUSED_INSTANT: Final = "refused_bank_instant"
"""The fact of an audit entry that says: the bank's instant cannot be true, so our clock's was taken."""

TAKEN_ON: Final = frozenset({RefundState.PENDING, RefundState.MANUAL_REVIEW})


def refund_effects(
    work: Work,
    payment: Payment,
    move: RefundMove,
    *,
    origin: Origin,
    at: datetime,
    refused_instant: datetime | None = None,
) -> None:
    """
    Collect the effects of *move*: at most one outbox task, and exactly one audit entry.

    A refund that reached the student gets the task ``CREDIT_NOTE`` exactly once. *refused_instant*
    is when the bank says that it was requested, where that cannot be true.
    """
    refund = move.refund
    if payment.capture and payment.capture.currency != CURRENCY:
        # Our emails and documents speak of rupees. Staff write to the student.
        pass
    elif move.went_back:
        work.notifications.outbox.enqueue(OutboxTask.CREDIT_NOTE, payment.id, at, subject=refund.id)
    elif move.is_step and refund.state in TAKEN_ON:
        work.notifications.outbox.enqueue(
            OutboxTask.REFUND_REQUESTED, payment.id, at, subject=refund.id
        )
    action = "refund.moved" if move.is_step else "refund.detailed"
    if move.moved_from is None:
        action = "refund.adopted" if refund.outside else "refund.requested"
    audit_refund(
        work,
        payment,
        refund,
        action=action,
        origin=origin,
        at=at,
        moved_from=move.moved_from,
        refused_instant=refused_instant,
    )


def update_refund_polls(
    work: Work,
    payment: Payment,
    moves: tuple[RefundMove, ...],
    *,
    at: datetime,
    schedule: RefundPollingSchedule,
    besides: RefundId | None = None,
) -> None:
    """
    Collect the polls of the refunds that moved: begun for a new refund, cancelled for one that ended.

    The poll of the refund *besides* is left to its holder, who discharges it in the same unit.
    """
    for move in moves:
        refund = move.refund
        if refund.id == besides:
            continue
        if move.ends_it:
            work.refunds.polls.cancel(payment.id, refund.id)
        elif move.moved_from is None:
            # A refund made outside is at the bank already. The first poll sends one of ours.
            wait = schedule.first if refund.outside else timedelta(0)
            work.refunds.polls.enqueue(payment.id, refund.id, since=at, due_at=at + wait)


def reschedule_refund_poll(
    work: Work,
    poll: RefundPoll,
    payment: Payment,
    *,
    at: datetime,
    schedule: RefundPollingSchedule,
    why: str = "",
) -> None:
    """
    Collect the next due time of the refund's poll; after the schedule's end the poll is buried.

    While a dispute withholds a refund its schedule does not end, and begins anew when the dispute ends.
    """
    due_at = schedule.next_poll_at(polled_since(payment, poll.refund, poll.since, at), at)
    if due_at is None:
        work.refunds.polls.bury(poll, at, why=why or "the schedule has ended")
    else:
        work.refunds.polls.reschedule(poll, due_at=due_at, why=why)


def audit_refund(
    work: Work,
    payment: Payment,
    refund: Refund,
    *,
    action: str,
    origin: Origin,
    at: datetime,
    moved_from: RefundState | None = None,
    refused_instant: datetime | None = None,
) -> None:
    """Collect one audit entry about *refund*, with its amount, its reason and who requested and decided."""
    facts = {
        "refund": refund.id,
        "amount": refund.amount.plain(),
        "from": moved_from,
        "state": refund.state,
        "asked_by": refund.asked_by,
        "decided_by": refund.decided_by,
        "reason": refund.reason,
        "bank_reference": refund.bank_reference,
        "arn": refund.arn,
        "error": refund.error,
        REFUSED_INSTANT: refused_instant,
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=origin,
            action=action,
            subject=payment.id,
            facts={name: str(fact) for name, fact in facts.items() if fact},
        )
    )
