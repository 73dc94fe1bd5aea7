"""The smallest and the largest amount that one payment may have."""

from dataclasses import dataclass
from typing import Final

from domain.errors import DomainError
from domain.money import Money

PAYABLE_MIN: Final = Money(10_00)
PAYABLE_MAX: Final = Money(5_00_000_00)


class AmountOutOfLimits(DomainError):
    """The gateway accepts no such amount; the limits are for what is paid, tax included."""

    def __init__(self, payable: Money, minimum: Money, maximum: Money) -> None:
        self.payable, self.minimum, self.maximum = payable, minimum, maximum
        super().__init__(f"{payable} is not between {minimum} and {maximum}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountLimits:
    """
    What one payment may come to, tax included: from *minimum* to *maximum*, both allowed.

    ``ValueError`` beyond ``PAYABLE_MIN`` and ``PAYABLE_MAX``, which the product never passes.
    """

    minimum: Money = PAYABLE_MIN
    maximum: Money = PAYABLE_MAX

    def __post_init__(self) -> None:
        if not PAYABLE_MIN <= self.minimum <= self.maximum <= PAYABLE_MAX:
            raise ValueError("a lowest and a highest amount lie between those of the product")

    def check(self, payable: Money) -> None:
        """Raise ``AmountOutOfLimits`` when *payable*, tax included, is no amount for one payment."""
        if not self.minimum <= payable <= self.maximum:
            raise AmountOutOfLimits(payable, self.minimum, self.maximum)


WIDEST_LIMITS: Final = AmountLimits()
"""The limits of the product; a gateway configuration may narrow them."""
