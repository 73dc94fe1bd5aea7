"""Prose is read in lines of at most 120 characters, and decision records have one form."""

import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from architecture.sources import ROOT, SRC, place_of, python_files

LINE_MAX: Final = 120
PAGES: Final = sorted(
    page
    for folder, pattern in (("", "*.md"), ("docs", "**/*.md"), ("benchmarks", "**/README.md"))
    for page in (ROOT / folder).glob(pattern)
    if ".venv" not in page.parts
)
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PRAGMA: Final = re.compile(r"#\s*(noqa|type: ignore|pragma)")
STATUS: Final = re.compile(r"- Status: (accepted|proposed|replaced by decision \d+)")
DATE: Final = re.compile(r"- Date: 20\d\d-\d\d-\d\d")
PARTS: Final = ("Context", "Decision", "Consequences", "Alternatives")


def prose_of(page: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of *page* outside tables and code."""
    code = False
    for number, line in enumerate(page.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code and not line.startswith("|"):
            yield number, line


def prose_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of *source* that are comments or part of a text of several lines."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT or (
            token.type == tokenize.STRING and token.line.lstrip().startswith(token.string[:3])
        ):
            for number in range(token.start[0], token.end[0] + 1):
                if not PRAGMA.search(lines[number - 1]):
                    yield number, lines[number - 1]


@pytest.mark.parametrize("page", PAGES, ids=place_of)
def test_a_page_has_short_lines(page: Path) -> None:
    """
    A difference between two versions can be read, and so can the page in a terminal.
    """
    long = [
        number
        for number, line in prose_of(page.read_text(encoding="utf-8"))
        if len(line) > LINE_MAX
    ]

    assert long == []


def test_docstrings_and_comments_have_short_lines() -> None:
    """
    Only a line that ends with a reason for a checker may be longer.
    """
    long = [
        f"{place_of(path)}:{number}"
        for path in python_files(SRC, ROOT / "tests")
        for number, line in prose_in(path.read_text(encoding="utf-8"))
        if len(line) > LINE_MAX
    ]

    assert long == []


def test_the_rule_sees_a_long_line() -> None:
    """
    In prose, in a docstring and in a comment; not in a table and not in code.
    """
    words = "word " * 40
    page = f"{words}\n| {words} |\n```text\n{words}\n```\n"
    source = (
        f'def act() -> None:\n    """{words}"""\n    # {words}\n    act()  # noqa: X - {words}\n'
    )

    assert [number for number, _ in prose_of(page)] == [1]
    assert [number for number, line in prose_in(source) if len(line) > LINE_MAX] == [2, 3]


@pytest.mark.parametrize("record", DECISIONS, ids=place_of)
def test_a_decision_has_status_date_and_four_parts(record: Path) -> None:
    """
    Whether it still holds, since when, why, and what else was thought of.
    """
    text = record.read_text(encoding="utf-8")
    title, blank, status, date, *_ = text.splitlines()

    assert re.fullmatch(rf"# {int(record.name[:4])}\. .+", title)
    assert blank == ""
    assert STATUS.fullmatch(status)
    assert DATE.fullmatch(date)
    assert tuple(re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE))[: len(PARTS)] == PARTS


def test_decisions_are_numbered_in_a_row() -> None:
    """
    A number names one record.
    """
    numbers = [int(record.name[:4]) for record in DECISIONS]

    assert numbers[0] == 1
    assert all(after == before + 1 for before, after in pairwise(numbers))


def test_links_between_pages_lead_somewhere() -> None:
    """
    A page that was renamed takes its mentions along.
    """
    broken = [
        f"{place_of(page)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_what_the_guide_names_is_there() -> None:
    """
    Who follows ``docs/adding.md`` finds each file and folder; words in capitals stand for a name.
    """
    guide = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", guide))

    assert named
    assert [
        path
        for path in sorted(named)
        if not re.search(r"[A-Z]{4,}", path) and not (ROOT / path).exists()
    ] == []
