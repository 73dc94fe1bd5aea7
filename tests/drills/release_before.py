"""The release before this one runs beside it, on one database, under load."""

import asyncio
import subprocess
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from drills.incident import Incident

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
    attack.api = await incident.exchange(attack.api, deployment=older)
    attack.workers = (await incident.exchange(first, deployment=older), second)
    sold = await incident.until_sold("a sale by the release before")
    await asyncio.sleep(TOGETHER_SECONDS)
    await incident.until_sold("one more sale by it")
    incident.told.append(f"{before} sold beside this release, first after {sold:.2f} s")
    older_worker, _ = attack.workers
    attack.workers = (await incident.exchange(older_worker, deployment=attack.deployment), second)
    attack.api = await incident.exchange(attack.api, deployment=attack.deployment)
    return await incident.until_sold("a sale by this release")


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
