"""What offers and surcharges made of an order's amount at the bank, and when staff have to look at it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.money import ZERO, Money


class AdjustmentKind(StrEnum):
    SURCHARGE = "surcharge"
    """The student paid more than the order's amount."""

    OFFER = "offer"
    """The student paid less than the order's amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """
    Amounts that the bank reports beside the order's amount, None where it reports none.

    *effective* is what the student paid after *surcharge* and *offer*. *unreadable* says that one of
    the three was not an exact amount.
    """

    effective: Money | None = None
    surcharge: Money | None = None
    offer: Money | None = None
    unreadable: bool = False

    def kinds(self, amount: Money) -> frozenset[AdjustmentKind]:
        """Return in which ways the student paid something else than the order's *amount*."""
        found = set()
        if self.surcharge or (self.effective or amount) > amount:
            found.add(AdjustmentKind.SURCHARGE)
        if self.offer or (amount if self.effective is None else self.effective) < amount:
            found.add(AdjustmentKind.OFFER)
        return frozenset(found)

    def without_refunds(self, amount: Money, refunded: Money) -> "Adjustment":
        """Return it without an effective *amount* that is only lower by what was *refunded* already."""
        only_refunds = refunded > ZERO and self.effective == amount - refunded
        return (
            NO_ADJUSTMENT if only_refunds and self == Adjustment(effective=self.effective) else self
        )


NO_ADJUSTMENT: Final = Adjustment()
