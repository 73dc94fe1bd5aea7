"""All refunds of one payment: how much may still be refunded, and who may decide it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from domain.errors import NotFound
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.order_facts import ReviewReason
from domain.payments.refund import (
    REFUND_MIN,
    REFUND_REQUESTS_MAX,
    SYSTEM,
    Refund,
    RefundRequest,
    RefundTooLarge,
    RefundTooSmall,
    StaleAvailable,
    TooManyRefunds,
)
from domain.payments.refund_approval import check_approver, needs_approval
from domain.payments.refund_state import RefundEvent, RefundState
from domain.payments.refused_refund import RefusedRefund


@dataclass(frozen=True, slots=True)
class Refunds:
    """
    The refunds of a payment, in the order in which they became known here.

    *refused* are refunds that the bank reports and that could not be applied, in the order of their ids.
    """

    known: tuple[Refund, ...] = ()
    refused: tuple[RefusedRefund, ...] = ()

    def __iter__(self) -> Iterator[Refund]:
        return iter(self.known)

    def __bool__(self) -> bool:
        return bool(self.known)

    @property
    def went_back(self) -> Money:
        """The sum of all paid refunds."""
        return self._sum((RefundState.SUCCESS,))

    @property
    def in_flight(self) -> Money:
        """The sum of all refunds that may still be paid."""
        return self._sum(tuple(state for state in RefundState if state.is_in_flight))

    @property
    def count(self) -> Money:
        """The sum of all refunds that are paid or may still be paid."""
        return self.went_back + self.in_flight

    def refundable_from(self, captured: Money) -> Money:
        """Return what is left of *captured* after all refunds that are paid or in flight."""
        return captured - self.went_back - self.in_flight

    @property
    def requests_sent(self) -> int:
        """How many the bank may have counted as requests for this order."""
        return sum(refund.state.was_sent for refund in self.known)

    def has_room_for_refused(self, captured: Money) -> bool:
        """Whether a refund that was refused for lack of room would fit now, so that the order has to be read."""
        left = self.refundable_from(captured)
        return any(each.fits(left) and not self._holds(each.id) for each in self.refused)

    def _holds(self, refund: RefundId) -> bool:
        known = self.find(refund)
        return known is not None and known.state is not RefundState.FAILED

    def accepting(self, why: ReviewReason) -> Self:
        """Return all refunds; what was refused for this reason opens no review any more."""
        refused = tuple(
            replace(each, accepted=True) if each.why is why else each for each in self.refused
        )
        return replace(self, refused=refused)

    def find(self, refund: RefundId) -> Refund | None:
        return next((known for known in self.known if known.id == refund), None)

    def get(self, refund: RefundId) -> Refund:
        """Return the refund, or raise ``NotFound``."""
        known = self.find(refund)
        if known is None:
            raise NotFound("refund", refund)
        return known

    def with_(self, refund: Refund) -> Self:
        """Return all refunds with *refund* in its place, or at the end when it is new."""
        if self.find(refund.id) is None:
            return replace(self, known=(*self.known, refund))
        return replace(
            self,
            known=tuple(refund if known.id == refund.id else known for known in self.known),
        )

    def request(
        self, request: RefundRequest, *, left: Money, at: datetime, approval_threshold: Money
    ) -> Self:
        """
        Return all refunds with the requested one, of what is *left* to refund.

        Raises what ``Payment.request_refund`` raises.
        """
        if request.available is not None and request.available != left:
            raise StaleAvailable(request.available, left)
        if request.amount > left:
            raise RefundTooLarge(request.amount, left)
        least = min(REFUND_MIN, left)
        if request.amount < least or not request.amount:
            raise RefundTooSmall(request.amount, least)
        if self.requests_sent >= REFUND_REQUESTS_MAX:
            raise TooManyRefunds
        waits = needs_approval(self.known, request.amount, approval_threshold=approval_threshold)
        return self.with_(Refund.of(request, at, waits=waits))

    def approve(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """
        Return all refunds with this one approved.

        Raises ``SecondPersonNeeded`` when *by* requested it, ``IllegalRefundStep`` when it does not
        wait for approval, and ``NotFound``.
        """
        requested = self.get(refund)
        check_approver(requested, by)
        return self.with_(requested.decided(RefundEvent.APPROVED, by, at))

    def reject(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """
        Return all refunds with this one rejected, or withdrawn when *by* requested it.

        Raises ``IllegalRefundStep`` when it does not wait for approval, and ``NotFound``.
        """
        requested = self.get(refund)
        own = by == requested.asked_by
        event = RefundEvent.WITHDRAWN if own else RefundEvent.REJECTED
        return self.with_(requested.decided(event, by, at))

    def lapse(self, refund: RefundId, *, at: datetime, after: timedelta) -> Self:
        """Return all refunds; this one is rejected by the system if it waits for approval for so long."""
        requested = self.get(refund)
        if not requested.approval_lapsed(at, after):
            return self
        return self.with_(requested.decided(RefundEvent.APPROVAL_LAPSED, SYSTEM, at))

    def _sum(self, states: tuple[RefundState, ...]) -> Money:
        return _total(refund for refund in self.known if refund.state in states)


def _total(refunds: Iterator[Refund]) -> Money:
    return sum((refund.amount for refund in refunds), ZERO)


NONE: Final = Refunds()
