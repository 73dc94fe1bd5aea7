"""The scorecard in the documents shows what is played."""

from scorecard.page import PLACE, page, rows_of, without_figures
from scorecard.scenario import Tally
from scorecard.scenarios import SCENARIOS


def test_the_scorecard_is_in_step() -> None:
    """
    Who adds, renames or drops a scenario runs ``make scorecard``; only the figures are the run's own.
    """
    written = PLACE.read_text(encoding="utf-8")
    expected = page([(each, Tally(tried=each.times)) for each in SCENARIOS])

    assert rows_of(written) == [each.name for each in SCENARIOS]
    assert without_figures(written) == without_figures(expected)
