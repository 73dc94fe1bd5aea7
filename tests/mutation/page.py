"""The record of safeguards as a page to read."""

from collections.abc import Sequence
from typing import Final

from mutation.record import Mutation, Safeguard

PLACE: Final = "docs/safeguards.md"
OPENING: Final = """\
# Safeguards, and the tests that miss them

Printed from `tests/mutation/*.toml` by `make docs`. `make mutants` takes each safeguard out of a copy
of the tree, as written here, runs the tests named beside it, and fails when one of them passes all the
same: what is on this page is known to be noticed when it is gone.
"""


def safeguards_page(record: Sequence[Safeguard]) -> str:
    """Return ``docs/safeguards.md`` as it has to be."""
    return OPENING + "".join(_section(safeguard) for safeguard in record)


def _section(safeguard: Safeguard) -> str:
    rows = "".join(_row(mutation) for mutation in safeguard.mutations)
    return (
        f"\n## {safeguard.name}\n\n{safeguard.promise}\n\n"
        f"| Taken out, in | Then | Caught by |\n|---|---|---|\n{rows}"
    )


def _row(mutation: Mutation) -> str:
    files = "<br>".join(f"`{file}`" for file in dict.fromkeys(e.file for e in mutation.edits))
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in mutation.caught_by)
    return f"| {files} | {mutation.without} | {tests} |\n"
