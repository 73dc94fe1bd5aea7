"""Every amount is taken apart by the real rule: minutes of work, so it has a target of its own: ``make exhaustive``."""

from typing import Final

import pytest

from exhaustive.amounts import CASES, LEAST, MOST, PLACES, RATES, Case, check

PAISE_UP_TO: Final = 20_000_00
RUPEE: Final = 100

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_paisa(case: Case) -> None:
    """
    From 10.00 to 20,000.00, which holds the 5,000.00 of everyday prices four times over.
    """
    assert check(case, range(LEAST, PAISE_UP_TO + 1)) == PAISE_UP_TO - LEAST + 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_whole_rupee(case: Case) -> None:
    """
    From 10 to 500,000.
    """
    assert check(case, range(LEAST, MOST + 1, RUPEE)) == (MOST - LEAST) // RUPEE + 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_half_paisa(case: Case) -> None:
    """
    Wherever the exact tax of a head ends in half a paisa, up to 500,000.00.
    """
    found = check(case, case.halves)

    has_halves = case.rate != 0 and case.period % 2 == 0
    assert bool(found) is has_halves


def test_all_cases_are_there() -> None:
    """
    Five rates, two ways of pricing, two kinds of supply.
    """
    assert len(CASES) == len(set(CASES)) == len(RATES) * 2 * len(PLACES)
