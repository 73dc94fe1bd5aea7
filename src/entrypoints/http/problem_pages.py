"""The list of every problem for people who write clients, printed from the table that is in force."""

from textwrap import fill
from typing import Final

from entrypoints.http.problem_types import PROBLEM_TYPES

WIDTH: Final = 120
OPENING: Final = """\
# Problems

Every refusal is answered as `application/problem+json` (RFC 9457) with `type`, `title`, `status` and
`detail`; some carry more members, named below. `type` is the address of a page with the same words.
This page is written from the code by `shulk docs write`.
"""


def problems_page() -> str:
    """Return ``docs/problems.md`` as it has to be."""
    table = "\n".join(
        f"| [`{kind.slug}`](#{kind.slug}) | {int(kind.status)} | {kind.title} |"
        for kind in PROBLEM_TYPES
    )
    sections = "\n".join(
        f"## {kind.slug}\n\n`{kind.type}`, status {int(kind.status)}: {kind.title}.\n\n"
        f"{_wrapped(kind.meaning)}\n\n{_wrapped(kind.remedy)}\n"
        for kind in PROBLEM_TYPES
    )
    return f"{OPENING}\n| Problem | Status | Title |\n|---|---|---|\n{table}\n\n{sections}"


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
