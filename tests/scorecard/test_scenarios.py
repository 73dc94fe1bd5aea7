"""Every row of the scorecard, played in full: nothing ends wrong, and everybody took part."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conftest import ALL_TRIES
from scorecard.scenario import Scenario
from scorecard.scenarios import SCENARIOS
from scorecard.setup import Setup


@pytest.fixture(scope="module")
def setup(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    """The same setup for all rows, ended with the last of them."""
    with ExitStack() as rooms:
        yield Setup(
            server=postgres_server, folder=tmp_path_factory.mktemp("scorecard"), rooms=rooms
        )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_nothing_ends_wrong(
    scenario: Scenario, setup: Setup, pytestconfig: pytest.Config
) -> None:
    """
    Each of its parts was played; as often as the row says with ``--all-tries`` (``make exhaustive``).
    """
    times = scenario.times if pytestconfig.getoption(ALL_TRIES) else scenario.times_in_tests

    tally = await scenario(setup, times=times)

    assert tally.wrong == {}
    assert tally.tried == times
    assert [part for part, times in tally.told.items() if not times] == []
    assert tally.told
