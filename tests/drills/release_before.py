"""The release before this one runs beside it, on one database, under load."""

import asyncio
import subprocess
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from crashes.under_attack import Process
from drills.incident import Incident
from worlds.processes.deployment import Deployment

ROOT: Final = Path(__file__).parents[2]
MIGRATIONS: Final = "src/adapters/postgres/migrations/versions"
TOGETHER_SECONDS: Final = 8.0


async def release_before(incident: Incident) -> float:
    """
    The API and one worker of two are those of the commit before the newest migration; they go on selling on the new
    schema. Then they are of this release again, and return when the next sale is complete.
    """
    attack = incident.attack
    before, sources = await asyncio.to_thread(_unpacked, attack.deployment.folder / "before")
    older = replace(
        attack.deployment,
        variables={**attack.deployment.variables, "PYTHONPATH": str(sources)},
    )
    first, second = attack.workers
    attack.api = await _exchanged(incident, attack.api, older)
    attack.workers = (await _exchanged(incident, first, older), second)
    sold = await incident.until_sold("a sale by the release before")
    await asyncio.sleep(TOGETHER_SECONDS)
    await incident.until_sold("one more sale by it")
    incident.told.append(f"{before} sold beside this release, first after {sold:.2f} s")
    attack.workers = (await _exchanged(incident, attack.workers[0], attack.deployment), second)
    attack.api = await _exchanged(incident, attack.api, attack.deployment)
    return await incident.until_sold("a sale by this release")


async def _exchanged(incident: Incident, process: Process, deployment: Deployment) -> Process:
    """End *process* as its unit does, and start it by another release."""
    attack = incident.attack
    await asyncio.to_thread(process.end)
    started = replace(process, deployment=deployment, running=None)
    lives = started.starts()
    started.start()
    if process is attack.api:
        await attack.until(attack.ready)
    else:
        await attack.until(lambda: started.starts() > lives)
    return started


def _unpacked(folder: Path) -> tuple[str, Path]:
    """Return the commit before the newest migration, and where its sources are now."""
    newest = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", MIGRATIONS).decode().strip()
    assert newest, "this drill needs the history of the repository"
    before = _git("rev-parse", "--short", f"{newest}^").decode().strip()
    with tarfile.open(fileobj=BytesIO(_git("archive", before, "src"))) as archive:
        archive.extractall(folder, filter="data")
    return before, folder / "src"


def _git(*words: str) -> bytes:
    return subprocess.run(  # noqa: S603 - of this repository
        ("git", *words),  # noqa: S607 - wherever the system has it
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
