"""Thousands of seeds of trade and faults at the simulated bank, each night compared with the truth."""

import pytest

from entrypoints.simulator.faults.settlement_faults import SettlementFault
from simulator.test_found_is_true import play_all

SEEDS_EACH = 250


@pytest.mark.timeout(900)  # half a minute of work, on a machine that does nothing else
@pytest.mark.parametrize("first", range(0, 2_000, SEEDS_EACH))
def test_every_night_finds_what_is_wrong_and_nothing_else(first: int) -> None:
    """
    No more and no less; each kind of fault is among them.
    """
    assert play_all(range(first, first + SEEDS_EACH)) == set(SettlementFault)
