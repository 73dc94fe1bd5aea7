"""The record of safeguards speaks of this tree: what it takes out is there, and so are the tests it names."""

import ast
from pathlib import Path
from typing import Final

import pytest

from architecture.sources import ROOT, tree_of
from mutation.lives import OF_MONEY, lives_tried, name_of
from mutation.page import PLACE, safeguards_page
from mutation.reading import Reading
from mutation.record import DoesNotApply, Edit, Mutation, safeguards

RECORD: Final = safeguards()
MUTATIONS: Final = [
    pytest.param(each, id=f"{safeguard.name}: {each.without}")
    for safeguard in RECORD
    for each in safeguard.mutations
]


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_is_taken_out_is_there_once(mutation: Mutation) -> None:
    """
    A safeguard that was moved takes its record along; and what is left is still Python.
    """
    for path, text in mutation.applied_in(ROOT).items():
        assert text != path.read_text(encoding="utf-8")
        ast.parse(text)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_tests_it_names_are_there(mutation: Mutation) -> None:
    """
    A test that was renamed takes its mention along.
    """
    assert mutation.caught_by
    for test in mutation.caught_by:
        file, *within = test.split("::")
        assert within[-1].partition("[")[0] in _functions_under(file), test


def test_every_safeguard_has_a_name_of_its_own() -> None:
    """
    The page has one heading for each.
    """
    names = [safeguard.name for safeguard in RECORD]

    assert len(set(names)) == len(names)
    assert all(safeguard.mutations for safeguard in RECORD)


def test_the_page_of_safeguards_is_in_step() -> None:
    """
    ``make docs`` was run after the last change to the record.
    """
    assert (ROOT / PLACE).read_text(encoding="utf-8") == safeguards_page(RECORD, lives_tried())


def test_lives_were_tried_without_what_is_on_record() -> None:
    """
    A mutant that was renamed takes its figure along; and each area of money is one of the record.
    """
    names = {name_of(safeguard, each) for safeguard in RECORD for each in safeguard.mutations}

    assert set(lives_tried()) <= names
    assert {safeguard.area for safeguard in RECORD} >= OF_MONEY


@pytest.mark.parametrize("text", ["", "there, and there again"])
def test_a_text_that_is_not_there_once_is_not_taken_out(text: str) -> None:
    """
    An edit that could mean two places means none.
    """
    with pytest.raises(DoesNotApply):
        Edit(file="a file", before="there", after="").applied_to(text)


def _functions_under(file: str) -> set[str]:
    """Return the functions of *file* and, for suites that it takes over, of the contracts it imports."""
    trees = [tree_of(ROOT / file)]
    trees += [
        tree_of(ROOT / "tests" / f"{node.module.replace('.', '/')}.py")
        for node in ast.walk(trees[0])
        if isinstance(node, ast.ImportFrom)
        and node.module is not None
        and node.module.startswith("contracts.")
    ]
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_what_is_read_before_a_mutant_imports_nothing_that_it_changes(tmp_path: Path) -> None:
    """
    Modules that came to be before the change would hide it; where that cannot be known, nothing is read.
    """
    for name, text in {
        "ground": "",
        "rule": "import ground",
        "use": "from rule import what",
        "lazy": "def later():\n    import rule",
    }.items():
        (tmp_path / "src").mkdir(exist_ok=True)
        (tmp_path / "src" / f"{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    rule, others = _change_of("src/rule.py"), [_change_of("src/page.html"), _change_of("docs/a.md")]

    reading = Reading.of(tmp_path, [rule, *others])

    assert set(reading.before(rule)) == {"ground", "lazy"}
    assert [list(reading.before(each)) for each in others] == [[], []]


def _change_of(file: str) -> Mutation:
    return Mutation(without="", edits=(Edit(file=file, before="a", after="b"),), caught_by=())
