"""The scorecard on paper: ``docs/scorecard.md``, its rows, and what stands behind each."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill
from typing import Final

from scorecard.scenario import Scenario, Tally

PLACE: Final = Path(__file__).parents[2] / "docs" / "scorecard.md"
WIDTH: Final = 120
OPENING: Final = """\
# Scorecard

Any evidence, in any order, any number of times: each row is a scenario that was played so often, and how many of its
tries ended wrong. `make scorecard` plays them all and writes this page; it fails when anything is wrong.
`make exhaustive` plays the same scenarios, as often, from the same code (`tests/scorecard`); `make test` has races of
its own on the same parts (`tests/races`). `make peers` puts the scenarios to other libraries:
[benchmarks/peers](../benchmarks/peers/README.md).

The scenarios over HTTP run two API processes, a worker, the simulator and a mail server as processes of their own on
real PostgreSQL. A try is wrong when, once nothing is left to do, its payment is not in the state it must be in, was not
sold exactly once (one step to `success` and none back, one enrolment, each outbox entry once and completed, one email
in the mailbox) or left evidence unapplied. It is also wrong when any request about it was not answered as it has to
be: a 500, a 503 or a refusal is wrong.
"""
ROW: Final = re.compile(r"^\| (.+) \| [\d,]+ \| [\d,]+ \|$", re.MULTILINE)
FIGURES: Final = re.compile(r"\| [\d,]+ \| [\d,]+ \|$|^Played with: .*$", re.MULTILINE)


def page(played: Sequence[tuple[Scenario, Tally]]) -> str:
    """Return the page for *played*, in their order."""
    rows = "".join(
        f"| {scenario.name} | {tally.tried:,} | {len(tally.wrong):,} |\n"
        for scenario, tally in played
    )
    told = "".join(_behind(scenario, tally) for scenario, tally in played)
    return f"{OPENING}\n| Scenario | Tried | Wrong |\n|---|---|---|\n{rows}{told}"


def rows_of(text: str) -> list[str]:
    """Return the names of the scenarios that a page has rows for."""
    return ROW.findall(text)


def without_figures(text: str) -> str:
    """Return what of a page is the same in every run."""
    return FIGURES.sub("", text)


def _behind(scenario: Scenario, tally: Tally) -> str:
    promise = fill(scenario.promise, WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"\n## {scenario.name}\n\n{promise}\n\nPlayed with: {_listed(tally.told.items())}.\n"


def _listed(told: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{times:,} {what}" for what, times in sorted(told)) or "nothing"
