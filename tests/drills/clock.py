"""The clock of the API and of one worker of two jumps an hour ahead under load, and is put right again."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from crashes.under_attack import Process
from drills.incident import Incident
from worlds.processes.running import SOURCES

HOUR_SECONDS: Final = 3600
LEEWAY_SECONDS: Final = 60
"""Tokens of the load are good for an hour, and by so much longer they are over."""

CALM_SECONDS: Final = 2.0
AHEAD_SECONDS: Final = 8.0
SHIFTED_CLOCK: Final = Path(__file__).with_name("shifted_clock")
WRITTEN_AHEAD: Final = """
    SELECT count(*) FROM outbox WHERE closed_at > now() + interval '30 minutes'
"""
WAITS: Final = """
    SELECT (SELECT count(*) FROM question WHERE due_at > now() + interval '30 minutes')
         + (SELECT count(*) FROM refund_watch WHERE due_at > now() + interval '30 minutes')
         + (SELECT count(*) FROM inbox WHERE due_at > now() + interval '30 minutes')
         + (SELECT count(*) FROM outbox WHERE state = 'new' AND due_at > now() + interval '30 minutes')
"""


async def clock_jumps(incident: Incident) -> float:
    """
    The clock of the API and of one worker of two jumps an hour ahead, and back; return when the next sale is complete.

    To them tokens, sessions and the other worker's leases are over; what they postpone waits for an hour. At the end
    an hour passes for all of them, so that what was postponed is seen to be done.
    """
    attack = incident.attack
    files = [
        attack.deployment.folder / f"clock-{each.name}" for each in (attack.api, *attack.workers)
    ]
    attack.api = await _by(incident, attack.api, files[0])
    first, second = attack.workers
    attack.workers = (
        await _by(incident, first, files[1]),
        await _by(incident, second, files[2]),
    )
    await incident.until_sold("a sale before the jump")
    await asyncio.sleep(CALM_SECONDS)
    _set(files[:2], HOUR_SECONDS + LEEWAY_SECONDS)
    await asyncio.sleep(AHEAD_SECONDS)
    if not await incident.ask(WRITTEN_AHEAD):
        incident.wrong.append("nothing was written by the clock that had jumped")
    _set(files[:2], 0)
    recovered = await incident.until_sold("a sale after the clock was put right")
    incident.told.append(f"{await incident.ask(WAITS)} entries of queues were postponed by an hour")

    async def an_hour_later() -> None:
        _set(files, HOUR_SECONDS + 2 * LEEWAY_SECONDS)

    incident.before_rest = an_hour_later
    return recovered


async def _by(incident: Incident, process: Process, file: Path) -> Process:
    """Start *process* anew with a clock that is as many seconds ahead as *file* says."""
    _set([file], 0)
    deployment = incident.attack.deployment
    changed = {
        **deployment.variables,
        "PYTHONPATH": f"{SHIFTED_CLOCK}{os.pathsep}{SOURCES}",
        "DRILL_CLOCK_FILE": str(file),
    }
    await asyncio.to_thread(process.end)
    shifted = Process(process.name, process.command, replace(deployment, variables=changed))
    starts = shifted.starts()
    shifted.start()
    if process is incident.attack.api:
        await incident.attack.until(incident.attack.ready)
    else:
        await incident.attack.until(lambda: shifted.starts() > starts)
    return shifted


def _set(files: Sequence[Path], seconds: int) -> None:
    for file in files:
        aside = file.with_suffix(".new")
        aside.write_text(str(seconds), encoding="ascii")
        aside.replace(file)
