"""The writes that a decision about a payment leads to, all in one unit of work."""

from datetime import datetime

from application.ledger.post_journals import post
from application.order_status.refund_effects import REFUSED_INSTANT, refund_effects
from application.order_status.reschedule_poll import read_if_room, start_polling
from application.webhooks.tell_platform import tell_decision
from domain.ledger.payment_postings import postings_of
from domain.payments.basis import Basis
from domain.payments.decision import Decision
from domain.payments.discount_reservation import SlotEffect
from domain.payments.dispute import Dispute
from domain.payments.payment import Payment
from domain.payments.refused_refund import RefusedRefund
from ports.audit_log import AuditEntry, Origin
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import Work


def write_effects(
    work: Work,
    decision: Decision,
    basis: Basis,
    *,
    origin: Origin,
    at: datetime,
    bank_word: str = "",
    by_poll: bool = False,
    opened: bool = False,
) -> None:
    """
    Collect all effects of *decision*, which was taken on *basis*; there are none when it changes nothing.

    After a step of the sale polling starts anew. With *by_poll* the caller holds the claim on the
    order poll and reschedules it itself. *opened* is whether the payment had opened its course
    before: only a new refund asks for it.
    """
    if not decision.is_news:
        return
    work.payments.repository.save(decision.payment, basis)
    if decision.sale and not by_poll:
        start_polling(work, decision.payment, at)
    elif not by_poll:
        read_if_room(work, decision.payment, at)
    post(work, postings_of(decision, opened=opened, at=at), at)
    write_further_effects(work, decision, origin=origin, at=at, bank_word=bank_word)


def write_further_effects(
    work: Work,
    decision: Decision,
    *,
    origin: Origin,
    at: datetime,
    bank_word: str = "",
    added: bool = False,
) -> None:
    """
    Collect what goes with *decision* besides the payment and its polls; each step has an audit entry.

    With *added* its payment is new in this unit.
    """
    payment = decision.payment
    if decision.enrols:
        work.payments.enrolments.enrol(payment, at)
        # The task TAX_DOCUMENT issues the invoice and sends it; a free course has no invoice.
        paid = bool(payment.quote.payable)
        task = OutboxTask.TAX_DOCUMENT if paid else OutboxTask.PAYMENT_CONFIRMATION
        work.notifications.outbox.enqueue(task, payment.id, at)
    if decision.leaves:
        work.payments.enrolments.leave(payment, at)
    code = payment.quote.discount_code
    if code and decision.slot is SlotEffect.RELEASE:
        work.catalogue.discounts.release(code, payment.student.id)
    if code and decision.slot is SlotEffect.HONOUR_LATE:
        work.catalogue.discounts.honour_late(code, payment.student.id)
    if decision.sale or decision.reviews:
        _audit_sale(work, decision, origin=origin, at=at, bank_word=bank_word)
    for dispute in decision.disputes:
        _audit_dispute(work, payment, dispute, origin=origin, at=at)
    for report in decision.refused_refunds:
        _audit_refused(work, payment, report, origin=origin, at=at)
    for move in decision.refund_moves:
        refused = decision.refused_instant(move.refund.id)
        refund_effects(work, payment, move, origin=origin, at=at, refused_instant=refused)
    if decision.refund:
        work.audit.add(
            AuditEntry(
                at=at,
                origin=origin,
                action="payment.moved",
                subject=payment.id,
                from_state=decision.refund.from_state,
                to_state=decision.refund.to_state,
                facts={"event": decision.refund.event},
            )
        )
    tell_decision(work, decision, at, added=added)


def _audit_dispute(
    work: Work, payment: Payment, dispute: Dispute, *, origin: Origin, at: datetime
) -> None:
    facts = {
        "dispute": dispute.id,
        "amount": dispute.amount.plain(),
        "state": dispute.state.value,
        "respond_by": dispute.respond_by.isoformat(),
        "reason": dispute.reason,
        "bank_word": dispute.unclear,
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=origin,
            action="dispute.told",
            subject=payment.id,
            facts={name: fact for name, fact in facts.items() if fact},
        )
    )


def _audit_refused(
    work: Work, payment: Payment, refused: RefusedRefund, *, origin: Origin, at: datetime
) -> None:
    facts = {
        "refund": refused.id,
        "amount": refused.amount.plain() if refused.amount else "",
        "why": refused.why,
        "accepted": "yes" if refused.accepted else "",
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=origin,
            action="refund.not_applied",
            subject=payment.id,
            facts={name: str(fact) for name, fact in facts.items() if fact},
        )
    )


def _adjusted(decision: Decision) -> dict[str, object]:
    """Return what the student paid beside the order's amount, for the entry of the charge."""
    capture = decision.payment.capture
    if capture is None or decision.sale is None:
        return {}
    told = capture.adjustment
    amounts = {
        "effective_amount": None if told.effective == capture.amount else told.effective,
        "surcharge": told.surcharge,
        "offer": told.offer,
    }
    return {name: amount.plain() for name, amount in amounts.items() if amount}


def _action(decision: Decision) -> str:
    if decision.sale:
        return "payment.moved"
    return "payment.flagged" if decision.flagged else "payment.review_ended"


def _audit_sale(
    work: Work, decision: Decision, *, origin: Origin, at: datetime, bank_word: str
) -> None:
    payment, step = decision.payment, decision.sale
    facts = {
        "event": step.event if step else None,
        "bank_word": bank_word,
        "failure": payment.failure,
        "attention": " ".join(decision.raised),
        "review_ended": " ".join(decision.cleared),
        "discount_slot": decision.slot,
        REFUSED_INSTANT: decision.refused_instant(),
        **_adjusted(decision),
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=origin,
            action=_action(decision),
            subject=payment.id,
            from_state=step.from_state if step else None,
            to_state=step.to_state if step else None,
            facts={name: str(fact) for name, fact in facts.items() if fact},
        )
    )
