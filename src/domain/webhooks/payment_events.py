"""Which events a change of a payment leads to: the sale, its enrolment, its refunds and disputes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.documents.tax_document import Particulars
from domain.money import CURRENCY, Money
from domain.payments.decision import Decision
from domain.payments.dispute import Dispute
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from domain.webhooks.event_type import OF_DISPUTE, OF_PAYMENT, OF_REFUND, WebhookEventType
from domain.webhooks.webhook_event import Fact, WebhookEvent


def events_of(decision: Decision, at: datetime, *, sequence: int) -> Sequence[WebhookEvent]:
    """
    Return what the platform is told of *decision*, in the order in which it happened.

    *sequence* is the version that the payment is saved with.
    """
    payment = decision.payment
    events = []
    if decision.sale and (kind := OF_PAYMENT.get(decision.sale.to_state)):
        events.append(
            _event(kind, payment, payment.id, _of_sale(decision), at=at, sequence=sequence)
        )
    if decision.enrols:
        started = WebhookEventType.ENROLMENT_STARTED
        events.append(_event(started, payment, payment.id, {}, at=at, sequence=sequence))
    events += (
        refund_event(payment, move.refund, at, sequence=sequence, moved_from=move.moved_from)
        for move in decision.refund_moves
        if move.is_step
    )
    if decision.leaves:
        ended = WebhookEventType.ENROLMENT_ENDED
        events.append(_event(ended, payment, payment.id, {}, at=at, sequence=sequence))
    events += (_dispute_event(payment, each, at, sequence) for each in decision.disputes)
    return events


def refund_event(
    payment: Payment,
    refund: Refund,
    at: datetime,
    *,
    sequence: int,
    moved_from: RefundState | None = None,
) -> WebhookEvent:
    """Return what is told of *refund*, which was in the state *moved_from*; None: it is new."""
    approved = (moved_from, refund.state) == (
        RefundState.AWAITING_APPROVAL,
        RefundState.REQUESTED,
    )
    kind = WebhookEventType.REFUND_APPROVED if approved else OF_REFUND[refund.state]
    data = {
        "refund_id": refund.id,
        "refund_status": refund.state.value,
        "refund_amount": refund.amount.plain(),
        "currency": CURRENCY,
    }
    return _event(kind, payment, refund.id, data, at=at, sequence=sequence)


def document_event(
    particulars: Particulars, ordinal: int, at: datetime, *, reference: str | None
) -> WebhookEvent:
    """
    Return what is told of a document that is issued: the *ordinal*-th of its payment, from 1.

    *reference* is what the platform called the purchase. The document's number is not known before it is
    written; whoever writes both adds it as ``number``.
    """
    payment = particulars.payment.order
    data: dict[str, Fact] = {
        "transaction_id": payment,
        "kind": particulars.kind.value,
        "date": particulars.date.isoformat(),
        "total": particulars.heads.total.plain(),
        "currency": CURRENCY,
    }
    if reference is not None:
        data["client_reference"] = reference
    if particulars.original:
        data["refund_id"] = particulars.original.refund.refund
    return WebhookEvent(
        type=WebhookEventType.DOCUMENT_ISSUED,
        payment=payment,
        subject=f"document/{ordinal}",
        sequence=ordinal,
        at=at,
        data=data,
    )


def _event(
    kind: WebhookEventType,
    payment: Payment,
    subject: str,
    data: Mapping[str, Fact],
    *,
    at: datetime,
    sequence: int,
) -> WebhookEvent:
    common = {
        "transaction_id": payment.id,
        "student_id": payment.student.id,
        "course_id": payment.course,
        "status": payment.state.value,
    }
    if payment.reference_text is not None:
        common["client_reference"] = payment.reference_text
    return WebhookEvent(
        type=kind,
        payment=payment.id,
        subject=subject,
        sequence=sequence,
        at=at,
        data={**common, **data},
    )


def _of_sale(decision: Decision) -> Mapping[str, Fact]:
    payment = decision.payment
    told: dict[str, Fact] = {
        "amount": _amount(payment).plain(),
        "currency": payment.capture.currency if payment.capture else CURRENCY,
        # A charge for a course that the student has already opens nothing, and is refunded.
        "enrolled": decision.enrols,
    }
    if payment.failure:
        told["reason"] = payment.failure.value
    return told


def _amount(payment: Payment) -> Money:
    return payment.capture.amount if payment.capture else payment.quote.payable


def _dispute_event(payment: Payment, dispute: Dispute, at: datetime, sequence: int) -> WebhookEvent:
    data = {
        "dispute_id": dispute.id,
        "dispute_status": dispute.state.value,
        "dispute_amount": dispute.amount.plain(),
        "currency": CURRENCY,
        "respond_by": dispute.respond_by.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    return _event(OF_DISPUTE[dispute.state], payment, dispute.id, data, at=at, sequence=sequence)
