"""Payments with what they were decided on, as use cases leave both."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.basis import (
    Basis,
    BegunBasis,
    CancelledBasis,
    DisputeBasis,
    KeptBasis,
    NoSessionBasis,
    NoteBasis,
    NoteKind,
    OrderStatusBasis,
    RefundApprovedBasis,
    RefundLapsedBasis,
    RefundRefusedBasis,
    RefundRejectedBasis,
    RefundRequestedBasis,
    ReviewAcceptedBasis,
    ReviewClosedBasis,
    ReviewRaisedBasis,
    ToldDispute,
)
from domain.payments.dispute import RESPONSE_USUAL
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import NOTHING_BORNE
from domain.payments.order_facts import (
    Instrument,
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.refund import RefundRequest
from domain.rebuild.booked_payment import BookedDocument, BookedPayment
from domain.rebuild.rebuild_payment import rebuild_payment
from domain.text.card_number import CardTail
from fakes.clock import NOON
from fakes.samples import a_payment

PRICE: Final = a_payment().quote.payable
PART: Final = Money(100_00)
MINE, THEIRS = RefundId("RFMINE"), RefundId("RFTHEIRS")


def minutes(after: int) -> datetime:
    return NOON + timedelta(minutes=after)


def told(verdict: Verdict, after: int = 1, *refunds: RefundFacts, **more: Any) -> OrderStatusBasis:
    """Return what is kept of an answer of the bank, with words that nobody needs."""
    values: dict[str, Any] = {
        "payment": a_payment().id,
        "verdict": verdict,
        "amount": PRICE,
        "currency": "INR",
        "bank_txn_id": "txn-1",
        "instrument": Instrument(method="CARD", card_tail=CardTail("4242"), card_issuer="A bank"),
        "refunds": refunds,
    }
    return OrderStatusBasis.of(
        OrderFacts(**{**values, **more}),
        at=minutes(after),
        owned_by=None,
        on_sale=True,
        returns_mismatch=True,
        borne=NOTHING_BORNE,
        dispute_response=RESPONSE_USUAL,
        second_charges=(),
    )


def a_refund(verdict: RefundVerdict, refund: RefundId = MINE) -> RefundFacts:
    return RefundFacts(
        id=refund, amount=PART, verdict=verdict, initiated_by="Mira", error="her words"
    )


def requested(refund: RefundId = MINE, after: int = 2, *, alone: bool = True) -> Basis:
    """Return what is kept of a request; unless it is decided *alone* it waits for a second person."""
    request = RefundRequest(id=refund, amount=PART, reason="her own words", by="staff:mira")
    threshold = PRICE if alone else Money(0)
    return RefundRequestedBasis.of(request, at=minutes(after), approval_threshold=threshold)


BEGUN: Final = BegunBasis.of(a_payment())
CHARGED: Final = told(Verdict.CHARGED)
UNCLEAR: Final = told(Verdict.UNCLEAR, review_reason=ReviewReason.UNKNOWN_STATUS)
VOIDED: Final = told(Verdict.UNCLEAR, 20, review_reason=ReviewReason.VOIDED)
WAITING: Final = (CHARGED, requested(alone=False))

HISTORIES: Final[dict[str, tuple[Basis, ...]]] = {
    "begun": (),
    "noted": (NoteBasis(note=NoteKind.SESSION, at=NOON),),
    "busy": (told(Verdict.IN_PROGRESS),),
    "flagged": (ReviewRaisedBasis(reason=ReviewReason.UNRESOLVED, at=minutes(1)),),
    "sold": (CHARGED,),
    "late": (told(Verdict.DECLINED, failure=FailureReason.INSUFFICIENT_FUNDS), CHARGED),
    "no session": (NoSessionBasis(failure=FailureReason.GATEWAY_REFUSED, at=minutes(1)),),
    "cancelled": (CancelledBasis(at=minutes(1)),),
    "closed": (UNCLEAR, ReviewClosedBasis(reason=ReviewReason.UNKNOWN_STATUS, at=minutes(2))),
    "accepted": (VOIDED, ReviewAcceptedBasis(reason=ReviewReason.VOIDED, at=minutes(21))),
    "refused": (CHARGED, requested(), RefundRefusedBasis(refund=MINE, at=minutes(3))),
    "approved": (*WAITING, RefundApprovedBasis(refund=MINE, by="staff:noor", at=minutes(3))),
    "rejected": (*WAITING, RefundRejectedBasis(refund=MINE, by="staff:noor", at=minutes(3))),
    "lapsed": (
        *WAITING,
        RefundLapsedBasis(refund=MINE, at=minutes(9), after=timedelta(minutes=7)),
    ),
    "refunded": (CHARGED, requested(), told(Verdict.CHARGED, 3, a_refund(RefundVerdict.PAID))),
    "refunded outside": (CHARGED, told(Verdict.CHARGED, 3, a_refund(RefundVerdict.PAID, THEIRS))),
    "disputed": (
        CHARGED,
        DisputeBasis(
            told=(ToldDispute(discrepancy="D1", amount=PART, state=DisputeState.RECEIVED),),
            at=minutes(3),
            response=RESPONSE_USUAL,
        ),
    ),
    "disputed at the bank": (
        told(
            Verdict.CHARGED,
            disputes=(
                DisputeFacts(id="D2", amount=None, state=None, word="ODD", reason="their words"),
            ),
        ),
    ),
}
"""A course of events for each kind of basis."""


def kept(*bases: Basis) -> tuple[KeptBasis, ...]:
    return tuple(KeptBasis(version, each) for version, each in enumerate((BEGUN, *bases)))


def booked(*bases: Basis, documents: tuple[BookedDocument, ...] = ()) -> BookedPayment:
    """Return a payment as honest books have it after *bases*, with its invoice unless others are given."""
    now, enrolled = _decided(bases)
    invoice = BookedDocument(number="INV/2627/0000001", total=PRICE)
    notes = [
        BookedDocument(number=f"CRN/2627/{number:07}", total=each.amount, refund=each.id)
        for number, each in enumerate(now.refunds, start=1)
        if each.state == "success"
    ]
    return BookedPayment(
        payment=now,
        refunded=now.refunds.went_back,
        refunding=now.refunds.in_flight,
        enrolment=enrolled,
        documents=documents or ((invoice, *notes) if now.state.is_sold else ()),
        kept=kept(*bases),
    )


def _decided(bases: tuple[Basis, ...]) -> tuple[Payment, Any]:
    rebuilt = rebuild_payment(replace(a_payment(), version=len(bases)), kept(*bases))
    return rebuilt.payment, rebuilt.enrolment
