"""The image of the ``Containerfile`` is built, and serves and works in place of the programs of the checkout."""

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from drills.incident import Incident
from worlds.processes.deployment import Deployment

ROOT: Final = Path(__file__).parents[2]
IMAGE: Final = "localhost/shulk-drill"
USER: Final = 10001
"""Whose files they are, by the Containerfile."""

BASE: Final = "IMAGE_BASE"
"""The variable that names a Python image to build on, when it is not the one of the Containerfile."""


async def image(incident: Incident) -> float:
    """
    The API and both workers are those of the image, without any right to write but to the files' folder; return when
    the next sale is complete. Then they are those of the checkout again.
    """
    attack = incident.attack
    checkout, owner = attack.api.program, attack.deployment.folder.stat().st_uid
    await _exchange_all(incident, _program(attack.deployment), USER)
    sold = await incident.until_sold("a sale by the image")
    await incident.until_sold("one more sale by it")
    began = time.monotonic()
    await _exchange_all(incident, checkout, owner)
    incident.told.append(f"exchanged again in {time.monotonic() - began:.1f} s")
    await incident.until_sold("a sale by the checkout")
    return sold


async def _exchange_all(incident: Incident, program: Sequence[str], user: int) -> None:
    attack = incident.attack
    for process in (attack.api, *attack.workers):
        await asyncio.to_thread(process.end)
    _give_files(attack.deployment.folder, user)
    attack.api = await incident.exchange(attack.api, program=program)
    attack.workers = tuple(
        [await incident.exchange(worker, program=program) for worker in attack.workers]
    )


def build_image() -> float:
    """Return the seconds it took; what the engine said is printed when it could not."""
    began = time.monotonic()
    base = os.environ.get(BASE)
    words = ("build", "--quiet", "--isolation=chroot", "--tag", IMAGE)
    asked = (f"--build-arg=BASE={base}",) if base else ()
    subprocess.run(  # noqa: S603 - our own Containerfile
        ("podman", *words, *asked, "."),  # noqa: S607 - wherever the system has it
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - began


def _program(deployment: Deployment) -> tuple[str, ...]:
    """Return the command of the guide, on the machine's own network since all of a drill is on loopback."""
    folder = deployment.folder
    return (
        "podman",
        *("run", "--rm", "--read-only", "--network=host"),
        *(f"--env={name}" for name in deployment.variables),
        *(f"--volume={folder / name}:{folder / name}" for name in ("files", "health", "audit.key")),
        IMAGE,
    )


def _give_files(folder: Path, user: int) -> None:
    for part in (folder / "files", folder / "health"):
        part.mkdir(exist_ok=True)
        for each in (part, *part.rglob("*")):
            os.chown(each, user, -1)
    os.chown(folder / "audit.key", user, -1)
