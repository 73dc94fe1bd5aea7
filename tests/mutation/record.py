"""
What keeps the money right, on record: each safeguard, how it is taken out, and the tests that then fail.

The record is data, one TOML file per area beside this module. How a safeguard is added:

    [[safeguard]]
    name = "Version check"                     # as a heading of docs/safeguards.md
    promise = "What cannot happen because of it, in a sentence or two."

    [[safeguard.mutation]]
    without = "the payment is written whatever its version"   # what the code does then
    caught_by = ["tests/.../test_x.py::test_y"]               # every one of them has to fail
    [[safeguard.mutation.edit]]                               # all edits are made together
    file = "src/..."
    before = '''text that stands in the file exactly once'''
    after = '''what takes its place'''

Then ``make docs`` writes the page anew and ``make mutants ARGS=version`` tries the safeguards whose name
holds that word. Choose the quickest tests that catch it.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = Path(__file__).parent


class DoesNotApply(Exception):
    """The text that a mutation takes out does not stand in its file exactly once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    file: str
    before: str
    after: str

    def applied_to(self, text: str) -> str:
        """Return *text* with the edit made, or raise ``DoesNotApply``."""
        if (found := text.count(self.before)) != 1:
            raise DoesNotApply(f"{self.file} holds it {found} times: {self.before!r}")
        return text.replace(self.before, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """
    *caught_by* are pytest's names of test functions, whose cases all count as one, or of one case.
    """

    without: str
    edits: tuple[Edit, ...]
    caught_by: tuple[str, ...]

    def applied_in(self, root: Path) -> dict[Path, str]:
        """Return the files under *root* as they are with all edits made, or raise ``DoesNotApply``."""
        texts: dict[Path, str] = {}
        for edit in self.edits:
            path = root / edit.file
            texts[path] = edit.applied_to(texts.get(path) or path.read_text(encoding="utf-8"))
        return texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguard:
    """*area* is the file of the record in which it stands."""

    name: str
    area: str
    promise: str
    mutations: tuple[Mutation, ...]


def safeguards() -> Sequence[Safeguard]:
    """Return the whole record, areas by name, within them as written."""
    return [
        _safeguard(entry, path.stem)
        for path in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["safeguard"]
    ]


def _safeguard(entry: dict[str, Any], area: str) -> Safeguard:
    return Safeguard(
        name=entry["name"],
        area=area,
        promise=entry["promise"],
        mutations=tuple(
            Mutation(
                without=mutation["without"],
                edits=tuple(Edit(**edit) for edit in mutation["edit"]),
                caught_by=tuple(mutation["caught_by"]),
            )
            for mutation in entry["mutation"]
        ),
    )
