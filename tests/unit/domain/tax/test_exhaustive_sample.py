"""
What remains when a price is taken apart repeats after a few paise: all that can remain is tried here.

``make exhaustive`` tries every amount itself.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue.amount_limits import PAYABLE_MAX
from domain.money import Money
from domain.tax.gst import GstRate, PriceMode, TaxSplit, split_tax
from domain.tax.indian_states import indian_state
from exhaustive.amounts import CASES, LEAST, SELLER, Case, check

PERIOD_MAX = 256
"""The halves of 100 parts and 28 of tax: no period is longer than all of these parts."""


def split(case: Case, paise: int) -> TaxSplit:
    return split_tax(
        Money(paise),
        mode=case.mode,
        rate=GstRate(Decimal(case.rate)),
        seller=SELLER,
        place=case.place,
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_that_can_remain(case: Case) -> None:
    """
    Parts equal the total, halves are equal, each head is the nearest paisa, for every remainder there
    is: two whole periods, and the first that begins at the least price.
    """
    assert 1 <= case.period <= PERIOD_MAX
    assert check(case, range(2 * case.period)) == 2 * case.period
    assert check(case, range(LEAST, LEAST + case.period)) == case.period


@given(st.sampled_from(CASES), st.integers(0, PAYABLE_MAX.paise), st.integers(0, 1_000_000))
def test_remainders_begin_anew_after_each_period(case: Case, paise: int, periods: int) -> None:
    """
    A price so many periods higher has the same remainder: each part grows by the period's own.
    """
    low, high = split(case, paise), split(case, paise + periods * case.period)
    each = split(case, case.period)

    for part in ("taxable", "cgst", "sgst", "igst"):
        grown = getattr(high, part).paise - getattr(low, part).paise
        assert grown == periods * getattr(each, part).paise


@pytest.mark.parametrize(
    ("mode", "place", "period", "half"),
    [
        (PriceMode.EXCLUSIVE, "27", 100, 50),
        (PriceMode.EXCLUSIVE, "29", 50, 25),
        (PriceMode.INCLUSIVE, "27", 118, 59),
        (PriceMode.INCLUSIVE, "29", 59, None),
    ],
)
def test_where_half_a_paisa_remains_at_eighteen_per_cent(
    mode: PriceMode, place: str, period: int, half: int | None
) -> None:
    """
    As the reference has it: 50 of a hundred, 25 of fifty, 59 of 118, and never between States on
    an inclusive price.
    """
    case = Case(rate=18, mode=mode, place=indian_state(place))

    assert case.period == period
    assert next(case.halves, None) == half
