"""The record of safeguards as a page to read."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Final

from mutation.lives import LivesTried, name_of, shares
from mutation.record import Mutation, Safeguard

PLACE: Final = "docs/safeguards.md"
WIDTH: Final = 120
OPENING: Final = """\
# Safeguards, and the tests that miss them

Printed from `tests/mutation/*.toml` by `make docs`. `make mutants` takes each safeguard out of a copy of the tree, as
written here, and runs the tests named beside it. It fails when one of them passes all the same. So what is on this
page is known to be noticed when it is gone. Each safeguard has its promise, then what happens without it, in which
file it is taken out, and the tests that catch that.
"""

OF_LIVES: Final = """\

## What simulated lives find

Each safeguard is taken out of code that a [simulated life](simulation.md) runs through, and lives are lived until one
goes wrong. Nobody told them what to look for. A figure stands with each mutant that was tried; what stands in other
places than a life has (PostgreSQL, the console's pages, the browser) is left out. Lives are few where nothing was
found: more of them find more.

"""


def safeguards_page(record: Sequence[Safeguard], tried: Mapping[str, LivesTried]) -> str:
    """Return ``docs/safeguards.md`` as it has to be, with what lives have *tried*."""
    sections = "".join(_section(safeguard, tried) for safeguard in record)
    return OPENING + OF_LIVES + shares(record, tried) + sections


def _section(safeguard: Safeguard, tried: Mapping[str, LivesTried]) -> str:
    mutants = "".join(
        _mutant(mutation, tried.get(name_of(safeguard, mutation)))
        for mutation in safeguard.mutations
    )
    return f"\n## {safeguard.name}\n\n{_wrapped(safeguard.promise)}\n\n{mutants}"


def _mutant(mutation: Mutation, lives: LivesTried | None) -> str:
    without = _wrapped(f"- **{mutation.without}**", indent="  ")
    files = "".join(f"  - in `{file}`\n" for file in dict.fromkeys(e.file for e in mutation.edits))
    tests = "".join(f"  - {_test(each)}\n" for each in mutation.caught_by)
    return f"{without}\n{files}{tests}{_found(lives)}"


def _found(lives: LivesTried | None) -> str:
    if lives is None:
        return ""
    if not lives.found:
        return f"  - not found in {lives.lives} simulated lives\n"
    return f"  - found by simulated life {lives.lives}\n"


def _test(test: str) -> str:
    file, _, name = test.removeprefix("tests/").partition("::")
    return f"`{file}`\n    `{name}`"


def _wrapped(text: str, indent: str = "") -> str:
    return fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
