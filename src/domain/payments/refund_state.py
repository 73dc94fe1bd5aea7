"""Where a refund stands, and every step it may take: a table, so that no rupee goes back by accident."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class RefundState(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    """Asked for by one member of staff; a second one has to agree before the bank hears of it."""

    REQUESTED = "requested"
    """Written down and on its way: the bank may have heard of it, or not yet."""

    PENDING = "pending"
    """The bank has it and has not paid yet."""

    MANUAL_REVIEW = "manual_review"
    """The bank works on it by hand; it is neither paid nor refused."""

    SUCCESS = "success"
    FAILED = "failed"
    """The bank did not give the money back: the amount may be asked for again, under a new id."""

    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_in_flight(self) -> bool:
        """Whether its amount is spoken for: it may still reach the student."""
        return self in {
            RefundState.AWAITING_APPROVAL,
            RefundState.REQUESTED,
            RefundState.PENDING,
            RefundState.MANUAL_REVIEW,
        }

    @property
    def is_with_the_bank(self) -> bool:
        """Whether only the bank can say what becomes of it."""
        return self.is_in_flight and self is not RefundState.AWAITING_APPROVAL

    @property
    def was_sent(self) -> bool:
        """Whether the bank may have counted it among the requests for its order."""
        return self not in {
            RefundState.AWAITING_APPROVAL,
            RefundState.REJECTED,
            RefundState.WITHDRAWN,
        }


class RefundEvent(StrEnum):
    """What can happen to a refund; the bank's words are translated into these by its adapter."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    BANK_ACCEPTED = "bank_accepted"
    BANK_REVIEWS = "bank_reviews"
    BANK_PAID = "bank_paid"
    BANK_FAILED = "bank_failed"
    BANK_REFUSED = "bank_refused"
    """The bank would not take the request, and is proven not to have it."""


REFUND_STEPS: Final[Mapping[tuple[RefundState, RefundEvent], RefundState]] = MappingProxyType(
    {
        (RefundState.AWAITING_APPROVAL, RefundEvent.APPROVED): RefundState.REQUESTED,
        (RefundState.AWAITING_APPROVAL, RefundEvent.REJECTED): RefundState.REJECTED,
        (RefundState.AWAITING_APPROVAL, RefundEvent.WITHDRAWN): RefundState.WITHDRAWN,
        (RefundState.REQUESTED, RefundEvent.BANK_ACCEPTED): RefundState.PENDING,
        (RefundState.REQUESTED, RefundEvent.BANK_REVIEWS): RefundState.MANUAL_REVIEW,
        (RefundState.REQUESTED, RefundEvent.BANK_PAID): RefundState.SUCCESS,
        (RefundState.REQUESTED, RefundEvent.BANK_FAILED): RefundState.FAILED,
        (RefundState.REQUESTED, RefundEvent.BANK_REFUSED): RefundState.FAILED,
        (RefundState.PENDING, RefundEvent.BANK_REVIEWS): RefundState.MANUAL_REVIEW,
        (RefundState.PENDING, RefundEvent.BANK_PAID): RefundState.SUCCESS,
        (RefundState.PENDING, RefundEvent.BANK_FAILED): RefundState.FAILED,
        (RefundState.MANUAL_REVIEW, RefundEvent.BANK_PAID): RefundState.SUCCESS,
        (RefundState.MANUAL_REVIEW, RefundEvent.BANK_FAILED): RefundState.FAILED,
        # Forward only: money that went back after all is never denied, and never untaken again.
        (RefundState.FAILED, RefundEvent.BANK_PAID): RefundState.SUCCESS,
    }
)


class IllegalRefundStep(DomainError):
    """A step that the table does not have: somebody else was faster, or it was never possible."""

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
    """Whether *event* is news to a refund in *state*; old news is no error, it only changes nothing."""
    return (state, event) in REFUND_STEPS
