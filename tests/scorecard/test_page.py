"""A scenario that goes wrong shows: in its row, and in what the command ends with."""

from dataclasses import replace

import pytest

from scorecard.page import page, rows_of
from scorecard.scenario import Scenario, Tally
from scorecard.scenarios import SCENARIOS


async def _breaks_off(_: object, __: int) -> Tally:
    raise ConnectionResetError("gone")


async def test_a_scenario_that_breaks_off_is_wrong_throughout() -> None:
    """
    What was not seen to end well did not end well.
    """
    scenario: Scenario = replace(SCENARIOS[0], times=3, play=_breaks_off)

    tally = await scenario(setup=None)  # type: ignore[arg-type]  # it never gets there

    assert (tally.tried, len(tally.wrong), tally.is_right) == (3, 3, False)


@pytest.mark.parametrize(
    ("tally", "right"),
    [
        (Tally(tried=2, told={"webhooks": 4}), True),
        (Tally(tried=2, told={"webhooks": 4}, wrong={"SK1": ("sold twice",)}), False),
        (Tally(tried=2, told={"webhooks": 4, "callbacks": 0}), False),
    ],
)
def test_only_what_took_place_without_fault_is_right(tally: Tally, *, right: bool) -> None:
    """
    A race in which one side never came is none.
    """
    assert tally.is_right is right


def test_the_page_counts_what_went_wrong() -> None:
    """
    Row by row, and every row can be read back.
    """
    ends = [Tally(tried=1200, wrong={"SK1": ("sold twice",)}, told={"webhooks": 4800})]
    ends += [Tally(tried=each.times) for each in SCENARIOS[1:]]

    written = page(list(zip(SCENARIOS, ends, strict=True)))

    assert f"| {SCENARIOS[0].name} | 1,200 | 1 |" in written
    assert "Played with: 4,800 webhooks." in written
    assert rows_of(written) == [each.name for each in SCENARIOS]
