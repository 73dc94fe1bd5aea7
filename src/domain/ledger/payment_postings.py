"""What is posted for a decision about a payment, and for the steps of its refunds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.business_day import business_day_of
from domain.documents.tax_document import Particulars, RegisteredDocument
from domain.identifiers import PaymentId, RefundId
from domain.ledger.journal import Journal, JournalKey, Reversal
from domain.ledger.postings import (
    credit_note_key,
    invoice_key,
    post_capture,
    post_corrected_capture,
    post_credit_note,
    post_invoice,
    post_refund_asked,
    post_refund_paid,
    refund_asked_key,
)
from domain.money import CURRENCY, ZERO, Money
from domain.payments.capture import Capture
from domain.payments.decision import Decision
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_news import RefundMove
from domain.payments.refund_state import RefundState

FIRST: Final = 1
AGAIN: Final = 2
"""The sequence of a refund's promise, when it had failed and the bank paid it nevertheless."""


@dataclass(frozen=True, slots=True)
class Postings:
    """What one unit posts, and what it takes back."""

    journals: tuple[Journal, ...] = ()
    reversals: tuple[Reversal, ...] = ()


def postings_of(decision: Decision, *, opened: bool, at: datetime) -> Postings:
    """
    Return what *decision* posts; the ledger keeps rupees only, so another currency posts nothing.

    *opened* is whether the payment had opened its course before.
    """
    payment = decision.payment
    applied = opened or decision.enrols
    journals: list[Journal | None] = [_capture_of(decision, at)]
    reversals: list[Reversal] = []
    if is_in_rupees(payment):
        for move in decision.refund_moves:
            journals += refund_journals(payment, move, applied=applied, at=at)
            reversals += refund_reversals(payment, move, at=at)
    return Postings(tuple(each for each in journals if each), tuple(reversals))


def refund_journals(
    payment: Payment, move: RefundMove, *, applied: bool, at: datetime
) -> Iterator[Journal | None]:
    """Yield what *move* posts; a refund that is new and paid is promised and paid at once."""
    refund = move.refund
    if _is_owed(refund.state) and not _is_owed(move.moved_from):
        again = move.moved_from is not None
        yield post_refund_asked(
            payment.id,
            refund.id,
            refund.amount,
            business_day_of(at if again else refund.asked_at),
            applied=applied,
            sequence=AGAIN if again else FIRST,
        )
    if move.went_back:
        yield post_refund_paid(
            payment.id,
            refund.id,
            refund.amount,
            business_day_of(refund.closed_at or at),
            reference=refund.arn or refund.bank_reference,
        )


def refund_reversals(payment: Payment, move: RefundMove, *, at: datetime) -> Iterator[Reversal]:
    """Yield the promise that *move* takes back: the refund failed, was rejected or withdrawn."""
    if _is_owed(move.moved_from) and not _is_owed(move.refund.state):
        yield Reversal(refund_asked_key(payment.id, move.refund.id), business_day_of(at))


def refund_request_postings(
    payment: Payment, refund: Refund, *, applied: bool, at: datetime
) -> Postings:
    """Return what a request of staff posts, whether it is sent at once or waits for approval."""
    journals = refund_journals(payment, RefundMove(refund, None), applied=applied, at=at)
    return Postings(tuple(each for each in journals if each))


def refund_end_postings(payment: Payment, refund: Refund, at: datetime) -> Postings:
    """Return what is taken back when a request is rejected, withdrawn or lapses."""
    move = RefundMove(refund, RefundState.AWAITING_APPROVAL)
    return Postings(reversals=tuple(refund_reversals(payment, move, at=at)))


def document_journal(particulars: Particulars, before: Sequence[RegisteredDocument]) -> Journal:
    """Return what issuing a document posts; *before* are the documents of the payment so far."""
    key = document_key(particulars, before)
    payment, heads, day = particulars.payment.order, particulars.heads, particulars.date
    if particulars.original is None:
        journal = post_invoice(payment, heads, day, sequence=key.sequence)
    else:
        refund = RefundId(particulars.original.refund.refund)
        journal = post_credit_note(payment, refund, heads, day, sequence=key.sequence)
    assert journal is not None  # noqa: S101 - a document is about some money
    return journal


def document_key(particulars: Particulars, before: Sequence[RegisteredDocument]) -> JournalKey:
    """Return the key of a document's journal: it counts the invoices, or the notes of one refund."""
    fact = _fact(particulars)
    sequence = 1 + sum(_fact(each.document.particulars) == fact for each in before)
    payment, refund = fact
    if refund is None:
        return invoice_key(payment, sequence)
    return credit_note_key(payment, refund, sequence)


def is_in_rupees(payment: Payment) -> bool:
    return payment.capture is not None and payment.capture.currency == CURRENCY


def _capture_of(decision: Decision, at: datetime) -> Journal | None:
    payment, capture = decision.payment, decision.payment.capture
    if capture is None or not (decision.captures or decision.enrols):
        return None
    if decision.captured_before is None:
        return post_capture(
            payment.id,
            _rupees(capture),
            business_day_of(capture.at),
            applied=decision.enrols,
            reference=capture.bank_txn_id,
        )
    # Only a charge that opened nothing is ever corrected: a sale's capture stands.
    return post_corrected_capture(
        payment.id,
        business_day_of(at),
        before=_rupees(decision.captured_before),
        now=_rupees(capture),
        applied=decision.enrols,
        promised=_promised_before(decision) if decision.enrols else ZERO,
        sequence=payment.version + 1,
        reference=capture.bank_txn_id,
    )


def _promised_before(decision: Decision) -> Money:
    """Return the sum of all refunds that were promised before *decision* and still are."""
    before = {move.refund.id: move.moved_from for move in decision.refund_moves}
    return sum(
        (
            refund.amount
            for refund in decision.payment.refunds
            if _is_owed(refund.state) and _is_owed(before.get(refund.id, refund.state))
        ),
        ZERO,
    )


def _rupees(capture: Capture) -> Money:
    return capture.amount if capture.currency == CURRENCY else ZERO


def _is_owed(state: RefundState | None) -> bool:
    """Whether a refund in *state* is promised or paid; None is before it existed."""
    return state is not None and (state.is_in_flight or state is RefundState.SUCCESS)


def _fact(particulars: Particulars) -> tuple[PaymentId, RefundId | None]:
    original = particulars.original
    return particulars.payment.order, RefundId(original.refund.refund) if original else None
