"""The list of every problem for people who write clients, printed from the table that is in force."""

from textwrap import fill
from typing import Final

from entrypoints.http.problem_types import PROBLEM_TYPES, ProblemType
from entrypoints.http.problem_values import values_of

WIDTH: Final = 120
OPENING: Final = """\
# Problems

Every refusal is answered as `application/problem+json` (RFC 9457) with `type`, `title`, `status` and
`detail`; some carry more members, named below. `type` is the address of a page with the same words,
below the address of this service (`SHULK_PUBLIC_URL`): tell problems apart by its last part. `request_id`
is the `X-Request-ID` of the answer, by which the log's lines about the request are found.
This page is written from the code by `shulk docs write`.

## Faults of a request

`errors` names each member, parameter or header that is at fault, at most 20 of them, all at once. Each has
`field`, its name; `code`, a stable word; and `detail`, what is wrong for a person. Where it stands is

- `pointer` in a body: a JSON pointer (RFC 6901) such as `/billing/gstin`; it leads to what is wrong, or to
  where a missing member would be,
- `parameter` in the query: its name, since a pointer leads into a document, which a query is not,
- `header` in a header: its name. A claim of the token has its `field` alone.

`allowed` says in words what is taken, `allowed_values` lists all values or names that are. A query parameter
that a route does not read, or that comes twice, is refused as an unknown member of a body is. Pages, the
interface's description and the routes for the bank take whatever a link or the bank adds.

The codes stand at [`invalid-request`](#invalid-request). Where the domain refuses a field, its code may also be a
`reason` of [`gstin-invalid`](#gstin-invalid), [`discount-refused`](#discount-refused) or
[`second-factor-refused`](#second-factor-refused), or `card_number`.
"""


def problems_page() -> str:
    """Return ``docs/problems.md`` as it has to be."""
    table = "\n".join(
        f"| [`{kind.slug}`](#{kind.slug}) | {int(kind.status)} | {kind.title} |"
        for kind in PROBLEM_TYPES
    )
    sections = "\n".join(
        f"## {kind.slug}\n\n`{kind.type}`, status {int(kind.status)}: {kind.title}.\n\n"
        f"{_wrapped(kind.meaning)}\n\n{_wrapped(kind.remedy)}\n{_values(kind)}"
        for kind in PROBLEM_TYPES
    )
    return f"{OPENING}\n## All problems\n\n| Problem | Status | Title |\n|---|---|---|\n{table}\n\n{sections}"


def _values(kind: ProblemType) -> str:
    """Return a table for each member of *kind* that has one of a few values."""
    return "".join(
        f"\n| `{member}` | Meaning |\n|---|---|\n"
        + "".join(f"| `{value}` | {words} |\n" for value, words in values.items())
        for member, values in values_of(kind).items()
    )


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
