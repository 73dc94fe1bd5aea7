"""
How soon a simulated life goes wrong without each safeguard.

``python -m simulation --without WORD --keep`` tries it and keeps the figures beside the record; the page prints them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final

from mutation.record import FOLDER, Mutation, Safeguard

PLACE: Final = FOLDER / "lives.json"
OF_MONEY: Final = frozenset(
    {
        "codes",
        "disputes",
        "documents",
        "ledger",
        "order_status",
        "paying",
        "rebuild",
        "reconciliation",
        "reconciliation_runs",
        "refunds",
        "resolutions",
        "reviews",
        "settlement_files",
        "settlement_imports",
        "webhooks",
    }
)
"""The areas of the record on which money depends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivesTried:
    """After so many *lives* one went wrong; where none was *found*, so many were tried."""

    lives: int
    found: bool


def name_of(safeguard: Safeguard, mutation: Mutation) -> str:
    return f"{safeguard.name}: {mutation.without}"


def lives_tried(place: Path = PLACE) -> Mapping[str, LivesTried]:
    """Return what was tried, by the names of what was taken out."""
    told = json.loads(place.read_text(encoding="utf-8"))
    return {name: LivesTried(**each) for name, each in told.items()}


def keep(tried: Mapping[str, LivesTried], place: Path = PLACE) -> None:
    """Write what was *tried*, in the order of the names."""
    told = {name: asdict(each) for name, each in sorted(tried.items())}
    place.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def shares(record: Sequence[Safeguard], tried: Mapping[str, LivesTried]) -> str:
    """Return a table of what was found, by area; those of money come together at its end."""
    rows = [("Area", "Taken out", "Found", "Lives until found (median)", "Lives where not found")]
    areas = sorted({each.area for each in record})
    for name, chosen in [*((area, {area}) for area in areas), ("All of money", OF_MONEY)]:
        figures = [
            tried[named]
            for safeguard in record
            if safeguard.area in chosen
            for mutation in safeguard.mutations
            if (named := name_of(safeguard, mutation)) in tried
        ]
        if figures:
            rows.append((name, str(len(figures)), *_row(figures)))
    head, *body = (f"| {' | '.join(row)} |\n" for row in rows)
    return head + "|" + "---|" * len(rows[0]) + "\n" + "".join(body)


def _row(figures: Sequence[LivesTried]) -> tuple[str, str, str]:
    found = [each.lives for each in figures if each.found]
    missed = [each.lives for each in figures if not each.found]
    until = f"{median(found):.0f}" if found else ""
    tried = f"{min(missed)} to {max(missed)}" if missed else ""
    return f"{len(found)} ({100 * len(found) / len(figures):.0f} %)", until, tried
