"""The smallest and the largest amount that one payment may have."""

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


def check_payable(payable: Money) -> None:
    """Raise ``AmountOutOfLimits`` when *payable*, tax included, is no amount for one payment."""
    if not PAYABLE_MIN <= payable <= PAYABLE_MAX:
        raise AmountOutOfLimits(payable, PAYABLE_MIN, PAYABLE_MAX)
