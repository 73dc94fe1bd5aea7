"""Things are named by the business; a name that could stand anywhere is a thought not finished."""

import ast
import re
from typing import Final

import pytest

from architecture.sources import ROOT, SRC, classes_in, place_of, python_files, tree_of

NOBODYS_NAMES: Final = re.compile(
    r"^(utils?|helpers?|common|base|core|managers?|services?|handlers?|misc)$"
)
NOBODYS_CLASSES: Final = re.compile(
    r"^(Abstract|Base|I(?=[A-Z][a-z]))|(Impl|DTO|Manager|Service|Handler|Helpers?|Utils?)$"
)
FILES: Final = python_files(SRC, ROOT / "tests")


def test_modules_have_names_of_their_own() -> None:
    """
    No ``utils``, no ``session_service``, no ``base``.
    """
    nameless = [
        place_of(path)
        for path in FILES
        if any(NOBODYS_NAMES.match(word) for word in re.split(r"[/_.]", place_of(path)))
    ]

    assert not nameless


def test_classes_have_names_of_their_own() -> None:
    """
    No ``SessionManager``, no ``IThing`` and no ``ThingImpl``.
    """
    nameless = [
        f"{place_of(path)}: {each.name}"
        for path in FILES
        for each in classes_in(path)
        if NOBODYS_CLASSES.search(each.name)
    ]

    assert not nameless


@pytest.mark.parametrize(
    "name", ["AbstractThing", "BaseThing", "IThing", "ThingImpl", "ThingDTO", "ThingManager"]
)
def test_the_rule_sees_such_a_class(name: str) -> None:
    """
    A rule that matches nothing would always hold.
    """
    assert NOBODYS_CLASSES.search(name)
    assert not NOBODYS_CLASSES.search("InitiatePayment")


def test_a_module_opens_with_what_it_is_for() -> None:
    """
    One sentence before anything else; only an empty file may say nothing.
    """
    silent = [
        place_of(path)
        for path in FILES
        if tree_of(path).body and not ast.get_docstring(tree_of(path))
    ]

    assert not silent
