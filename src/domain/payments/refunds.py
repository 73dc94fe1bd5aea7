"""All refunds of one payment: how much may still be given back, and what the bank's news make of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from domain.errors import NotFound
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.refund import (
    REFUND_MIN,
    REFUND_REQUESTS_MAX,
    Refund,
    RefundRequest,
    RefundTooLarge,
    RefundTooSmall,
    SecondPersonNeeded,
    StaleAvailable,
    TooManyRefunds,
)
from domain.payments.refund_state import RefundEvent, RefundState


@dataclass(frozen=True, slots=True)
class Refunds:
    """In the order in which they became known."""

    known: tuple[Refund, ...] = ()

    def __iter__(self) -> Iterator[Refund]:
        return iter(self.known)

    def __bool__(self) -> bool:
        return bool(self.known)

    @property
    def went_back(self) -> Money:
        """What has reached the student."""
        return self._sum((RefundState.SUCCESS,))

    @property
    def in_flight(self) -> Money:
        """What may still reach the student: it is spoken for, so that it cannot be given back twice."""
        return self._sum(tuple(state for state in RefundState if state.is_in_flight))

    def refundable_from(self, captured: Money) -> Money:
        """Return what nobody has been given or promised yet."""
        return captured - self.went_back - self.in_flight

    @property
    def requests_sent(self) -> int:
        """How many of them the bank may have counted."""
        return sum(refund.state.was_sent for refund in self.known)

    @property
    def single_approver_total(self) -> Money:
        """What a single person's word has sent or will send back."""
        return _total(
            refund
            for refund in self.known
            if not refund.outside
            and not refund.decided_by
            and (refund.state.is_in_flight or refund.state is RefundState.SUCCESS)
        )

    def find(self, refund: RefundId) -> Refund | None:
        return next((known for known in self.known if known.id == refund), None)

    def get(self, refund: RefundId) -> Refund:
        """Return the refund, or raise ``NotFound``."""
        known = self.find(refund)
        if known is None:
            raise NotFound("refund", refund)
        return known

    def with_(self, refund: Refund) -> Self:
        """Return all with *refund* in its place, or at the end when it is new."""
        if self.find(refund.id) is None:
            return replace(self, known=(*self.known, refund))
        return replace(
            self,
            known=tuple(refund if known.id == refund.id else known for known in self.known),
        )

    def request(
        self, request: RefundRequest, *, captured: Money, at: datetime, approval_threshold: Money
    ) -> Self:
        """Return all with the one asked for, or refuse; the rules are ``Payment.request_refund``'s."""
        left = self.refundable_from(captured)
        if request.available is not None and request.available != left:
            raise StaleAvailable(request.available, left)
        if request.amount > left:
            raise RefundTooLarge(request.amount, left)
        least = min(REFUND_MIN, left)
        if request.amount < least or not request.amount:
            raise RefundTooSmall(request.amount, least)
        if self.requests_sent >= REFUND_REQUESTS_MAX:
            raise TooManyRefunds
        waits = self.single_approver_total + request.amount > approval_threshold
        return self.with_(Refund.of(request, at, waits=waits))

    def approve(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return all with this one on its way; raises ``SecondPersonNeeded`` to who asked for it."""
        asked = self.get(refund)
        if by == asked.asked_by:
            raise SecondPersonNeeded(refund)
        return self.with_(asked.decided(RefundEvent.APPROVED, by, at))

    def reject(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return all with this one rejected, or withdrawn by who asked for it."""
        asked = self.get(refund)
        event = RefundEvent.WITHDRAWN if by == asked.asked_by else RefundEvent.REJECTED
        return self.with_(asked.decided(event, by, at))

    def _sum(self, states: tuple[RefundState, ...]) -> Money:
        return _total(refund for refund in self.known if refund.state in states)


def _total(refunds: Iterator[Refund]) -> Money:
    return sum((refund.amount for refund in refunds), ZERO)


NONE: Final = Refunds()
"""Nothing was asked back."""
