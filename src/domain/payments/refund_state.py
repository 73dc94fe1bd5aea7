"""The states of a refund and every step between them, as a table: what is not in it is refused."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class RefundState(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    """Requested by one member of staff; a second one has to approve it before it is sent."""

    REQUESTED = "requested"
    """Stored, and sent to the bank next: the bank may have it, or not yet."""

    PENDING = "pending"
    """The bank has it and has not paid yet."""

    MANUAL_REVIEW = "manual_review"
    """The bank's own staff work on it; it is neither paid nor refused (SmartGateway's refund API)."""

    SUCCESS = "success"
    FAILED = "failed"
    """The bank did not pay it: the amount may be requested again, under a new id (SmartGateway's refund API)."""

    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_in_flight(self) -> bool:
        """Whether it may still be paid, so that its amount cannot be refunded a second time."""
        return self in {
            RefundState.AWAITING_APPROVAL,
            RefundState.REQUESTED,
            RefundState.PENDING,
            RefundState.MANUAL_REVIEW,
        }

    @property
    def is_with_the_bank(self) -> bool:
        """Whether it is sent or sent next, so that only the bank decides its end."""
        return self.is_in_flight and self is not RefundState.AWAITING_APPROVAL

    @property
    def was_sent(self) -> bool:
        """Whether the bank may have counted it as a request for its order."""
        return self not in {
            RefundState.AWAITING_APPROVAL,
            RefundState.REJECTED,
            RefundState.WITHDRAWN,
        }


class RefundEvent(StrEnum):
    """What can happen to a refund; the bank's adapter translates its statuses into these."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    APPROVAL_LAPSED = "approval_lapsed"
    """Nobody decided in time."""

    BANK_ACCEPTED = "bank_accepted"
    BANK_REVIEWS = "bank_reviews"
    BANK_PAID = "bank_paid"
    BANK_FAILED = "bank_failed"
    BANK_REFUSED = "bank_refused"
    """The bank refused the request, and an order-status read proved that it has no such refund."""

    DISPUTE_LOST = "dispute_lost"
    """The payer got the money by a dispute, and the order status proved that the bank has no such refund."""


REFUND_STEPS: Final[Mapping[tuple[RefundState, RefundEvent], RefundState]] = MappingProxyType(
    {
        (RefundState.AWAITING_APPROVAL, RefundEvent.APPROVED): RefundState.REQUESTED,
        (RefundState.AWAITING_APPROVAL, RefundEvent.REJECTED): RefundState.REJECTED,
        (RefundState.AWAITING_APPROVAL, RefundEvent.WITHDRAWN): RefundState.WITHDRAWN,
        (RefundState.AWAITING_APPROVAL, RefundEvent.APPROVAL_LAPSED): RefundState.REJECTED,
        (RefundState.REQUESTED, RefundEvent.BANK_ACCEPTED): RefundState.PENDING,
        (RefundState.REQUESTED, RefundEvent.BANK_REVIEWS): RefundState.MANUAL_REVIEW,
        (RefundState.REQUESTED, RefundEvent.BANK_PAID): RefundState.SUCCESS,
        (RefundState.REQUESTED, RefundEvent.BANK_FAILED): RefundState.FAILED,
        (RefundState.REQUESTED, RefundEvent.BANK_REFUSED): RefundState.FAILED,
        (RefundState.REQUESTED, RefundEvent.DISPUTE_LOST): RefundState.FAILED,
        (RefundState.PENDING, RefundEvent.BANK_REVIEWS): RefundState.MANUAL_REVIEW,
        (RefundState.PENDING, RefundEvent.BANK_PAID): RefundState.SUCCESS,
        (RefundState.PENDING, RefundEvent.BANK_FAILED): RefundState.FAILED,
        (RefundState.MANUAL_REVIEW, RefundEvent.BANK_PAID): RefundState.SUCCESS,
        (RefundState.MANUAL_REVIEW, RefundEvent.BANK_FAILED): RefundState.FAILED,
        # Forward only: a failed refund may turn out to be paid, a paid one never fails.
        (RefundState.FAILED, RefundEvent.BANK_PAID): RefundState.SUCCESS,
    }
)


class IllegalRefundStep(DomainError):
    """A step that is not in the table: the refund moved meanwhile, or the step was never possible."""

    def __init__(self, state: RefundState, event: RefundEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"a refund that is {state} cannot be {event}")


def refund_after(state: RefundState, event: RefundEvent) -> RefundState:
    """Return the state that *event* leads to, or raise ``IllegalRefundStep``."""
    try:
        return REFUND_STEPS[state, event]
    except KeyError:
        raise IllegalRefundStep(state, event) from None


def refund_can_take(state: RefundState, event: RefundEvent) -> bool:
    """Whether *event* changes a refund in *state*; one that does not is no error, it is no news."""
    return (state, event) in REFUND_STEPS
