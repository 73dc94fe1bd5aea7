"""``make scorecard``: play every scenario, print the table, write the page; 1 when anything went wrong."""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from entrypoints.cli.embedded import embedded_postgres
from scorecard.page import PLACE, page
from scorecard.scenario import Scenario, Tally
from scorecard.scenarios import SCENARIOS
from scorecard.setup import Setup

COMPLAINTS_SHOWN_MAX: Final = 5
Played = Sequence[tuple[Scenario, Tally]]


async def play_all(setup: Setup, console: Console) -> Played:
    """Play the scenarios one after the other."""
    played = []
    for scenario in SCENARIOS:
        console.print(f"playing: {scenario.name}", style="dim")
        played.append((scenario, await scenario(setup)))
    return played


def show(played: Played, console: Console) -> None:
    table = Table("Scenario")
    for heading in ("Tried", "Wrong"):
        table.add_column(heading, justify="right")
    for scenario, tally in played:
        table.add_row(scenario.name, f"{tally.tried:,}", f"{len(tally.wrong):,}")
    console.print(table)
    for scenario, tally in played:
        for subject, complaints in list(tally.wrong.items())[:COMPLAINTS_SHOWN_MAX]:
            console.print(f"{scenario.name}: {subject}: {'; '.join(complaints)}", markup=False)
        for part in (part for part, times in tally.told.items() if not times):
            console.print(f"{scenario.name}: no {part}", markup=False)


def main() -> int:
    console = Console()
    # What the use cases log in this process belongs to the scenarios; the complaints tell what went wrong.
    logging.getLogger().addHandler(logging.NullHandler())
    with (
        tempfile.TemporaryDirectory(prefix="shulk-scorecard-") as folder,
        embedded_postgres(Path(folder) / "postgres") as server,
        ExitStack() as rooms,
    ):
        state = Path(folder) / "deployment"
        state.mkdir()
        setup = Setup(server=server, folder=state, rooms=rooms)
        played = asyncio.run(play_all(setup, console))
    show(played, console)
    PLACE.write_text(page(played), encoding="utf-8")
    return 0 if all(tally.is_right for _, tally in played) else 1


if __name__ == "__main__":
    sys.exit(main())
