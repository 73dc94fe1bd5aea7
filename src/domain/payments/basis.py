"""What a change of a payment was decided on, kept in a form from which the very same decision is taken again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.adjustment import AdjustmentKind
from domain.payments.cancellation import cancel_payment
from domain.payments.decision import Decision, compared, flag
from domain.payments.dispute_decisions import record_dispute
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import (
    apply_order_facts,
    complete_without_payment,
    fail_without_session,
)
from domain.payments.order_facts import Instrument, OrderFacts, RefundFacts, ReviewReason
from domain.payments.payment import Payment
from domain.payments.refund import RefundRequest
from domain.payments.refund_decisions import record_refund_refusal
from domain.payments.resolution import accept_review, close_payment

REASON_ELSEWHERE: Final = "stands with the refund itself"
"""The words of staff are kept once, with the refund, and decide nothing."""


class Basis(Protocol):
    """
    What one change of a payment was decided on. Each kind is a class of its own, named in ``KINDS``.

    It holds amounts, ids, states and instants alone: nothing of a card, and no name or word of a person.
    """

    @property
    def at(self) -> datetime:
        """When it was decided (UTC)."""
        ...

    def decide(self, payment: Payment) -> Decision:
        """Return the decision about *payment*: the same that was taken when the basis was kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunBasis:
    """How the payment began: the first basis of each. A *free* one was complete at once."""

    at: datetime
    expires_at: datetime
    payable: Money
    free: bool = False

    @classmethod
    def of(cls, payment: Payment) -> "BegunBasis":
        return cls(
            at=payment.opened_at,
            expires_at=payment.expires_at,
            payable=payment.quote.payable,
            free=payment.quote.is_free,
        )

    def decide(self, payment: Payment) -> Decision:
        return (
            complete_without_payment(payment, self.at) if self.free else Decision(payment=payment)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStatusBasis:
    """One answer of the bank about the order, and what else decided: see ``apply_order_facts``."""

    facts: OrderFacts
    at: datetime
    owned_by: PaymentId | None = None
    on_sale: bool = True
    returns_mismatch: bool = True
    borne: tuple[AdjustmentKind, ...] = ()
    dispute_response: timedelta
    second_charges: tuple[Money, ...] = ()

    @classmethod
    def of(
        cls,
        facts: OrderFacts,
        *,
        at: datetime,
        owned_by: PaymentId | None,
        on_sale: bool,
        returns_mismatch: bool,
        borne: frozenset[AdjustmentKind],
        dispute_response: timedelta,
        second_charges: Sequence[Money],
    ) -> "OrderStatusBasis":
        """Return the basis that is kept of *facts*: without the instrument, and without words that decide nothing."""
        return cls(
            facts=without_words(facts),
            at=at,
            owned_by=owned_by,
            on_sale=on_sale,
            returns_mismatch=returns_mismatch,
            borne=tuple(sorted(borne)),
            dispute_response=dispute_response,
            second_charges=tuple(second_charges),
        )

    def decide(self, payment: Payment) -> Decision:
        return apply_order_facts(
            payment,
            self.facts,
            at=self.at,
            owned_by=self.owned_by,
            on_sale=self.on_sale,
            returns_mismatch=self.returns_mismatch,
            borne=frozenset(self.borne),
            dispute_response=self.dispute_response,
            second_charges=self.second_charges,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRaisedBasis:
    """Time alone gave staff a reason for a review."""

    reason: ReviewReason
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return flag(payment, self.reason, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSessionBasis:
    """The bank created no session, so that nobody could pay."""

    failure: FailureReason
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return fail_without_session(payment, self.failure, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledBasis:
    """The student ended it."""

    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return cancel_payment(payment, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClosedBasis:
    """Staff ended the session without a sale."""

    reason: ReviewReason
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return close_payment(payment, self.reason, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAcceptedBasis:
    """Staff let stand what the bank did."""

    reason: ReviewReason
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return accept_review(payment, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequestedBasis:
    """A refund was requested; *by* is the id of who did."""

    refund: RefundId
    amount: Money
    by: str
    revokes: bool
    approval_threshold: Money
    at: datetime

    @classmethod
    def of(
        cls, request: RefundRequest, *, at: datetime, approval_threshold: Money
    ) -> "RefundRequestedBasis":
        return cls(
            refund=request.id,
            amount=request.amount,
            by=request.by,
            revokes=request.revokes,
            approval_threshold=approval_threshold,
            at=at,
        )

    def decide(self, payment: Payment) -> Decision:
        request = RefundRequest(
            id=self.refund,
            amount=self.amount,
            reason=REASON_ELSEWHERE,
            by=self.by,
            revokes=self.revokes,
        )
        return Decision(
            payment=payment.request_refund(
                request, at=self.at, approval_threshold=self.approval_threshold
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundApprovedBasis:
    """A second person approved a refund."""

    refund: RefundId
    by: str
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return Decision(payment=payment.approve_refund(self.refund, by=self.by, at=self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRejectedBasis:
    """A refund was rejected, or withdrawn by who requested it."""

    refund: RefundId
    by: str
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return Decision(payment=payment.reject_refund(self.refund, by=self.by, at=self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLapsedBasis:
    """Nobody decided about a refund in time."""

    refund: RefundId
    at: datetime
    after: timedelta

    def decide(self, payment: Payment) -> Decision:
        return Decision(payment=payment.lapse_refund(self.refund, at=self.at, after=self.after))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRefusedBasis:
    """The bank refused to take a refund, and is proven not to have it."""

    refund: RefundId
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return record_refund_refusal(payment, self.refund, "", at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDispute:
    """What a line of a settlement, or staff, said of a dispute."""

    discrepancy: str
    amount: Money
    state: DisputeState


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeBasis:
    """Lines of a settlement, or staff, put disputes on record; *response* is how long each may be answered."""

    told: tuple[ToldDispute, ...]
    at: datetime
    response: timedelta

    def decide(self, payment: Payment) -> Decision:
        recorded = payment
        for each in self.told:
            recorded = record_dispute(
                recorded,
                each.discrepancy,
                each.amount,
                each.state,
                at=self.at,
                response=self.response,
            ).payment
        return compared(Decision(payment=recorded), before=payment)


class NoteKind(StrEnum):
    """What was noted with a payment, and moves neither money nor its state."""

    SESSION = "session"
    RETRIED = "retried"
    EMAIL = "email"
    ALERT = "alert"
    ERASURE = "erasure"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBasis:
    """Something was written beside the money: it is kept so that no version is without its basis."""

    note: NoteKind
    at: datetime

    def decide(self, payment: Payment) -> Decision:
        return Decision(payment=payment)


KINDS: Final = {
    "begun": BegunBasis,
    "order_status": OrderStatusBasis,
    "review_raised": ReviewRaisedBasis,
    "no_session": NoSessionBasis,
    "cancelled": CancelledBasis,
    "review_closed": ReviewClosedBasis,
    "review_accepted": ReviewAcceptedBasis,
    "refund_requested": RefundRequestedBasis,
    "refund_approved": RefundApprovedBasis,
    "refund_rejected": RefundRejectedBasis,
    "refund_lapsed": RefundLapsedBasis,
    "refund_refused": RefundRefusedBasis,
    "dispute": DisputeBasis,
    "note": NoteBasis,
}
"""The stored word of each kind."""


@dataclass(frozen=True, slots=True)
class KeptBasis:
    """The *version* that a payment got by a change, and its *basis*; None for one that cannot be read."""

    version: int
    basis: Basis | None


def without_words(facts: OrderFacts) -> OrderFacts:
    """Return *facts* with what decides alone: no instrument, no name, none of the bank's explanations."""
    return replace(
        facts,
        instrument=Instrument(),
        refunds=tuple(_refund_without_words(each) for each in facts.refunds),
        disputes=tuple(_dispute_without_words(each) for each in facts.disputes),
    )


def _refund_without_words(facts: RefundFacts) -> RefundFacts:
    return replace(facts, error="", initiated_by="")


def _dispute_without_words(facts: DisputeFacts) -> DisputeFacts:
    return replace(facts, reason="")
