"""What lives find of safeguards that are taken out, as figures on a page."""

from pathlib import Path

from mutation.lives import LivesTried, keep, lives_tried, name_of, shares
from mutation.page import safeguards_page
from mutation.record import Mutation, Safeguard

FIRST, SECOND, THIRD = (
    Mutation(without=each, edits=(), caught_by=("tests/unit/test_x.py::test_y",))
    for each in ("nothing is asked", "all is paid", "a page is blue")
)
RECORD = (
    Safeguard(name="Paid once", area="paying", promise="Not twice.", mutations=(FIRST, SECOND)),
    Safeguard(name="Blue", area="pages", promise="It is blue.", mutations=(THIRD,)),
)
TRIED = {
    name_of(RECORD[0], FIRST): LivesTried(lives=7, found=True),
    name_of(RECORD[0], SECOND): LivesTried(lives=150, found=False),
}


def test_figures_come_back_as_they_were_kept(tmp_path: Path) -> None:
    """
    A later run adds to them.
    """
    keep(TRIED, tmp_path / "lives.json")
    assert lives_tried(tmp_path / "lives.json") == TRIED


def test_the_table_tells_the_share_that_was_found_by_area() -> None:
    """
    What was not tried counts nowhere, and money is summed up.
    """
    assert shares(RECORD, TRIED).splitlines()[2:] == [
        "| paying | 2 | 1 (50 %) | 7 | 150 to 150 |",
        "| All of money | 2 | 1 (50 %) | 7 | 150 to 150 |",
    ]


def test_each_figure_stands_with_what_was_taken_out() -> None:
    """
    Also where no life went wrong, with how many were tried.
    """
    page = safeguards_page(RECORD, TRIED)

    assert page.count("  - found by simulated life 7\n") == 1
    assert page.count("  - not found in 150 simulated lives\n") == 1
