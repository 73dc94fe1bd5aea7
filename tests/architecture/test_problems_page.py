"""The page of problems says what the code says."""

from pathlib import Path
from typing import Final

from entrypoints.http.problem_pages import problems_page
from entrypoints.http.problem_types import PROBLEM_TYPES

PAGE: Final = Path(__file__).parents[2] / "docs" / "problems.md"


def test_the_problems_page_is_in_step() -> None:
    """
    ``shulk docs write`` was run after the last change to a problem.
    """
    assert PAGE.read_text(encoding="utf-8") == problems_page()


def test_the_problems_page_holds_every_slug() -> None:
    """
    No problem is told that the page does not explain.
    """
    written = problems_page()

    assert [kind.slug for kind in PROBLEM_TYPES if f"\n## {kind.slug}\n" not in written] == []
