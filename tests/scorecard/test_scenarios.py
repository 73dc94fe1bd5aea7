"""Every row of the scorecard, played in full: nothing ends wrong, and everybody took part."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

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
async def test_nothing_ends_wrong(scenario: Scenario, setup: Setup) -> None:
    """
    Each of its parts was played, as often as the row says.
    """
    tally = await scenario(setup)

    assert tally.wrong == {}
    assert tally.tried == scenario.times
    assert [part for part, seen in tally.told.items() if not seen] == []
    assert tally.told
