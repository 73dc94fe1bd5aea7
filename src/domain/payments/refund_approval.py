"""Who may approve a refund, and which refund needs the approval of a second person."""

from collections.abc import Iterable

from domain.errors import DomainError
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState


class SecondPersonNeeded(DomainError):
    """Whoever requested a refund cannot approve it."""

    def __init__(self, refund: RefundId) -> None:
        self.refund = refund
        super().__init__("a refund is approved by someone else than who asked for it")


def single_approver_total(refunds: Iterable[Refund]) -> Money:
    """Return the sum of the refunds, paid or in flight, that one person requested and no second one decided."""
    return sum(
        (
            refund.amount
            for refund in refunds
            if not refund.outside
            and not refund.decided_by
            and (refund.state.is_in_flight or refund.state is RefundState.SUCCESS)
        ),
        ZERO,
    )


def needs_approval(refunds: Iterable[Refund], amount: Money, *, approval_threshold: Money) -> bool:
    """
    Return whether a refund of *amount* more needs a second person.

    It does when all that one person alone refunds of this payment would pass *approval_threshold*,
    so that a refund cut in pieces needs approval too.
    """
    return single_approver_total(refunds) + amount > approval_threshold


def check_approver(refund: Refund, by: str) -> None:
    """Raise ``SecondPersonNeeded`` when *by* requested *refund*."""
    if by == refund.asked_by:
        raise SecondPersonNeeded(refund.id)
