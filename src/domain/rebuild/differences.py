"""Compare the books with what was rebuilt, and say each difference in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.identifiers import PaymentId
from domain.money import ZERO, Money
from domain.payments.basis import BegunBasis
from domain.payments.payment import Payment
from domain.payments.refund_state import RefundState
from domain.rebuild.booked_payment import BookedDocument, BookedPayment
from domain.rebuild.rebuild_payment import (
    BasisRefused,
    RebuiltPayment,
    is_begun,
    rebuild_payment,
)

NOTHING: Final = "nothing"


class DifferenceKind(StrEnum):
    """What of a payment differs."""

    BASIS = "basis"
    """What is kept does not lead to the books: a change was made that no use case made, or is lost."""

    PRICE = "price"
    STATE = "state"
    CAPTURE = "capture"
    REFUNDED = "refunded"
    REFUND = "refund"
    ENROLMENT = "enrolment"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the *books* say, and what they ought to say; without a name or a word of a person."""

    kind: DifferenceKind
    books: str
    rebuilt: str

    def __str__(self) -> str:
        return f"{self.kind}: the books say {self.books}, and it ought to be {self.rebuilt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """*is_rebuilt* is false of a payment of which not all is kept: nothing is known of it then."""

    payment: PaymentId
    differences: tuple[Difference, ...] = ()
    is_rebuilt: bool = True


def compare_payment(booked: BookedPayment, *, complete_from: datetime) -> Comparison:
    """
    Return how the books of one payment differ from what is rebuilt of it.

    What was begun before *complete_from* may lack a basis without a fault of anybody.
    """
    payment = booked.payment
    if not is_begun(booked.kept):
        return Comparison(payment=payment.id, is_rebuilt=False)
    try:
        rebuilt = rebuild_payment(payment, booked.kept)
    except BasisRefused as refused:
        if payment.opened_at < complete_from:
            return Comparison(payment=payment.id, is_rebuilt=False)
        told = Difference(
            kind=DifferenceKind.BASIS, books=f"version {payment.version}", rebuilt=str(refused)
        )
        return Comparison(payment=payment.id, differences=(told,))
    return Comparison(payment=payment.id, differences=tuple(_differences(booked, rebuilt)))


def _differences(booked: BookedPayment, rebuilt: RebuiltPayment) -> Iterator[Difference]:
    books, ought = booked.payment, rebuilt.payment
    begun = booked.kept[0].basis
    price = begun.payable if isinstance(begun, BegunBasis) else ZERO
    pairs = (
        (DifferenceKind.PRICE, books.quote.payable.plain(), price.plain()),
        (DifferenceKind.STATE, books.state.value, ought.state.value),
        (DifferenceKind.CAPTURE, _captured(books), _captured(ought)),
        (DifferenceKind.REFUNDED, booked.refunded.plain(), ought.refunds.went_back.plain()),
        (
            DifferenceKind.REFUNDED,
            f"{booked.refunding.plain()} on its way",
            f"{ought.refunds.in_flight.plain()} on its way",
        ),
        (DifferenceKind.ENROLMENT, booked.enrolment.value, rebuilt.enrolment.value),
    )
    for kind, is_so, ought_to_be in pairs:
        if is_so != ought_to_be:
            yield Difference(kind=kind, books=is_so, rebuilt=ought_to_be)
    yield from _refunds(books, ought)
    yield from _invoice(booked, rebuilt)
    yield from _notes(booked, ought)


def _captured(payment: Payment) -> str:
    taken = payment.capture
    if taken is None:
        return NOTHING
    return f"{taken.amount.plain()} {taken.currency} by {taken.bank_txn_id or taken.bank_reference}"


def _refunds(books: Payment, ought: Payment) -> Iterator[Difference]:
    told = {each.id: f"{each.amount.plain()} {each.state}" for each in books.refunds}
    due = {each.id: f"{each.amount.plain()} {each.state}" for each in ought.refunds}
    for refund in sorted(told.keys() | due.keys()):
        is_so, ought_to_be = told.get(refund, NOTHING), due.get(refund, NOTHING)
        if is_so != ought_to_be:
            yield Difference(
                kind=DifferenceKind.REFUND,
                books=f"{refund} {is_so}",
                rebuilt=f"{refund} {ought_to_be}",
            )


def _invoice(booked: BookedPayment, rebuilt: RebuiltPayment) -> Iterator[Difference]:
    standing = next((each for each in booked.documents if each.refund is None), None)
    total = ZERO if standing is None else standing.total
    missing = standing is None and booked.awaits_documents
    if total != rebuilt.invoiced and not missing:
        yield Difference(
            kind=DifferenceKind.DOCUMENT,
            books=_invoiced(total, standing),
            rebuilt=_invoiced(rebuilt.invoiced),
        )


def _invoiced(total: Money, document: BookedDocument | None = None) -> str:
    number = f" {document.number}" if document else ""
    return f"an invoice{number} of {total.plain()}" if total else "no invoice"


def _notes(booked: BookedPayment, ought: Payment) -> Iterator[Difference]:
    """Yield each note that differs; without an invoice no note is due."""
    notes = {each.refund: each.total for each in booked.documents if each.refund is not None}
    invoiced = any(each.refund is None for each in booked.documents)
    paid = {each.id: each.amount for each in ought.refunds if each.state is RefundState.SUCCESS}
    due = paid if invoiced else {}
    for refund in sorted(notes.keys() | due.keys()):
        is_so, ought_to_be = notes.get(refund, ZERO), paid.get(refund, ZERO)
        missing = refund not in notes and booked.awaits_documents
        if is_so != ought_to_be and not missing:
            yield Difference(
                kind=DifferenceKind.DOCUMENT,
                books=f"notes of {is_so.plain()} for {refund}",
                rebuilt=f"notes of {ought_to_be.plain()} for {refund}",
            )
