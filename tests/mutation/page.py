"""The record of safeguards as a page to read."""

from collections.abc import Sequence
from textwrap import fill
from typing import Final

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


def safeguards_page(record: Sequence[Safeguard]) -> str:
    """Return ``docs/safeguards.md`` as it has to be."""
    return OPENING + "".join(_section(safeguard) for safeguard in record)


def _section(safeguard: Safeguard) -> str:
    mutants = "".join(_mutant(mutation) for mutation in safeguard.mutations)
    return f"\n## {safeguard.name}\n\n{_wrapped(safeguard.promise)}\n\n{mutants}"


def _mutant(mutation: Mutation) -> str:
    without = _wrapped(f"- **{mutation.without}**", indent="  ")
    files = "".join(f"  - in `{file}`\n" for file in dict.fromkeys(e.file for e in mutation.edits))
    tests = "".join(f"  - {_test(each)}\n" for each in mutation.caught_by)
    return f"{without}\n{files}{tests}"


def _test(test: str) -> str:
    file, _, name = test.removeprefix("tests/").partition("::")
    return f"`{file}`\n    `{name}`"


def _wrapped(text: str, indent: str = "") -> str:
    return fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
