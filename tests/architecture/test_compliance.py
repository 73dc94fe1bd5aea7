"""What the pages of PCI DSS and ASVS name as evidence exists."""

import re
from pathlib import Path
from typing import Final

import click
import pytest

from entrypoints.cli.main import main
from entrypoints.operations.compliance.requirements import Requirement
from entrypoints.settings.settings import VARIABLES

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("pci.toml", "asvs.toml")
SETTINGS: Final = {each.name for each in VARIABLES}
CASES: Final = [(page, each) for page in PAGES for each in Requirement.all_in(page)]


def exists(evidence: str) -> bool:
    if evidence.startswith("SHULK_"):
        return evidence in SETTINGS
    if evidence.startswith("shulk "):
        return is_command(evidence.split()[1:])
    path, _, name = evidence.partition("::")
    if not (ROOT / path).is_file():
        return False
    text = (ROOT / path).read_text(encoding="utf-8")
    return not name or re.search(rf"^ *(async )?def {name}\(", text, re.MULTILINE) is not None


def is_command(words: list[str]) -> bool:
    found: click.Command | None = main
    for word in words:
        if not isinstance(found, click.Group):
            return False
        found = found.get_command(click.Context(found), word)
    return found is not None


@pytest.mark.parametrize(
    ("page", "requirement"), CASES, ids=[f"{page} {each.ids[0]}" for page, each in CASES]
)
def test_evidence_exists(page: str, requirement: Requirement) -> None:
    """
    A test, a file, a setting or a command; or it is the operator's, or says why it does not apply.
    """
    assert [each for each in requirement.evidence if not exists(each)] == [], page
    assert (
        requirement.evidence
        or requirement.by_operator
        or not requirement.applies
        or requirement.is_open
    )
    assert requirement.met.endswith(".")
    assert requirement.short.endswith(".")


@pytest.mark.parametrize("page", PAGES)
def test_each_number_stands_once(page: str) -> None:
    """
    In the order of the standard.
    """
    numbers = [number for each in Requirement.all_in(page) for number in each.ids]

    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"eligibility|\d+(\.\d+){2,3}", each) for each in numbers)


@pytest.mark.parametrize(
    "evidence",
    [
        "tests/nowhere.py",
        "tests/architecture/test_compliance.py::test_nothing",
        "SHULK_NOTHING",
        "shulk nothing",
    ],
)
def test_what_does_not_exist_is_no_evidence(evidence: str) -> None:
    """
    So that the test above can fail.
    """
    assert not exists(evidence)
