"""A refund at the bank that could not be applied here: remembered until an answer of the bank can be applied."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import ReviewReason

REFUSALS: Final = frozenset(
    {
        ReviewReason.REFUNDS_EXCEED,
        ReviewReason.REFUND_DIFFERS,
        ReviewReason.REFUND_UNCLEAR,
    }
)
"""Why a refund that the bank reports is not applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRefund:
    """
    What the bank reports, and *why* it was not applied.

    *id* is empty and *amount* None where the bank's value was unreadable. *accepted*: staff let it
    stand, so that the same report opens no review.
    """

    id: RefundId
    amount: Money | None
    why: ReviewReason
    accepted: bool = False

    def fits(self, left: Money) -> bool:
        """Whether it was refused for lack of room alone, and *left* has room for it."""
        exceeded = self.why is ReviewReason.REFUNDS_EXCEED and not self.accepted
        return exceeded and self.amount is not None and self.amount <= left


def open_refusals(refused: Iterable[RefusedRefund]) -> frozenset[ReviewReason]:
    """Return the reasons for a review that *refused* give."""
    return frozenset(each.why for each in refused if not each.accepted)
