"""What goes with every step of a refund: its letter, its line in the trail, and whether to keep asking."""

from datetime import datetime, timedelta
from typing import Final

from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_news import RefundMove
from domain.payments.refund_polling import RefundPollingSchedule
from domain.payments.refund_state import RefundState
from ports.audit_log import AuditEntry, Origin
from ports.notifications.outbox import OutboxTask
from ports.refunds.refund_polls import RefundPoll
from ports.unit_of_work import Work

TAKEN_ON: Final = frozenset({RefundState.PENDING, RefundState.MANUAL_REVIEW})


def refund_effects(
    work: Work, payment: Payment, move: RefundMove, *, origin: Origin, at: datetime
) -> None:
    """
    Collect what goes with *move*, one audit line included.

    Money that reached the student leaves exactly one ``CREDIT_NOTE`` in the outbox.
    """
    refund = move.refund
    if move.went_back:
        work.notifications.outbox.add(OutboxTask.CREDIT_NOTE, payment.id, at, subject=refund.id)
    elif move.is_step and refund.state in TAKEN_ON:
        work.notifications.outbox.add(
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
    )


def update_refund_polls(
    work: Work,
    payment: Payment,
    moves: tuple[RefundMove, ...],
    *,
    at: datetime,
    schedule: RefundPollingSchedule,
    held: RefundPoll | None,
) -> None:
    """
    Collect which refunds are still to be asked about.

    The one that is *held* goes back on the list or off it under its holder's claim: when that was
    lost, nothing of the unit is applied.
    """
    for move in moves:
        refund = move.refund
        if held is not None and (payment.id, refund.id) == (held.payment, held.refund):
            continue
        if move.ends_it:
            work.refunds.polls.end(payment.id, refund.id)
        elif move.moved_from is None:
            # Nobody is about to send what the house itself asks back: whoever follows it does.
            wait = schedule.first if refund.outside else timedelta(0)
            work.refunds.polls.begin(payment.id, refund.id, at, due_at=at + wait)
    if held is None:
        return
    known = payment.refunds.find(held.refund)
    if known is not None and known.state.is_in_flight:
        reschedule_refund_poll(work, held, at=at, schedule=schedule)
    else:
        work.refunds.polls.close(held)


def reschedule_refund_poll(
    work: Work, held: RefundPoll, *, at: datetime, schedule: RefundPollingSchedule
) -> None:
    """Collect when the refund that is *held* is asked about next, or that nobody is asked any more."""
    due_at = schedule.next_poll_at(held.since, at)
    if due_at is None:
        work.refunds.polls.park(held, at)
    else:
        work.refunds.polls.again(held, due_at=due_at)


def audit_refund(
    work: Work,
    payment: Payment,
    refund: Refund,
    *,
    action: str,
    origin: Origin,
    at: datetime,
    moved_from: RefundState | None = None,
) -> None:
    """Collect one line about *refund*: who and why stand in it with how much."""
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
