"""Which amounts are taken apart, and what has to be true of each, whatever its remainder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import Final

from domain.money import Money
from domain.tax.gst import GstRate, PriceMode, split_tax
from domain.tax.indian_states import IndianState, indian_state

SELLER: Final = indian_state("27")
RATES: Final = (0, 5, 12, 18, 28)
MODES: Final = tuple(PriceMode)
PLACES: Final = (SELLER, indian_state("29"))
"""Within the State, and between two."""

LEAST: Final = 10_00
MOST: Final = 5_00_000_00


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way of taking a price apart; the tax of a head is *share* of *base* parts of the price."""

    rate: int
    mode: PriceMode
    place: IndianState

    @property
    def share(self) -> int:
        return self.rate

    @property
    def base(self) -> int:
        whole = 100 + self.rate if self.mode is PriceMode.INCLUSIVE else 100
        return 2 * whole if self.place == SELLER else whole

    @property
    def period(self) -> int:
        """After so many paise the remainders begin anew: the tax of the period is whole paise."""
        return self.base // gcd(self.base, self.share) if self.share else 1

    @property
    def halves(self) -> Iterator[int]:
        """Every price, in paise up to the most, at which the exact tax of a head ends in half a paisa."""
        if self.base % 2:
            return
        for first in range(self.period):
            if (2 * first * self.share) % (2 * self.base) == self.base:
                yield from range(first, MOST + 1, self.period)

    def __str__(self) -> str:
        return f"{self.rate} % {self.mode} {'within' if self.place == SELLER else 'between'}"


CASES: Final = tuple(
    Case(rate=rate, mode=mode, place=place) for rate in RATES for mode in MODES for place in PLACES
)


def check(case: Case, prices: Iterable[int]) -> int:
    """Take each of *prices* apart, in paise, and return how many there were; the real rule, not a copy."""
    rate, mode, place = GstRate(Decimal(case.rate)), case.mode, case.place
    share, base, inclusive = case.share, case.base, mode is PriceMode.INCLUSIVE
    inside, count = place == SELLER, 0
    for price in prices:
        split = split_tax(Money(price), mode=mode, rate=rate, seller=SELLER, place=place)
        taxable, cgst, igst = split.taxable.paise, split.cgst.paise, split.igst.paise
        head = cgst if inside else igst
        # Nearest, and a half goes up (s.170): so the error of a head is half a paisa at most.
        exact = 2 * (head * base - price * share)
        sound = (
            cgst == split.sgst.paise
            and (igst if inside else cgst) == 0
            and -base < exact <= base
            and (taxable + 2 * cgst + igst if inclusive else taxable) == price
            and taxable >= 0
        )
        if not sound:
            raise AssertionError(f"{case}: {price} paise came apart as {split}")
        count += 1
    return count
