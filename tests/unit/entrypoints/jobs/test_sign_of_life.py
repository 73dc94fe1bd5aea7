"""A worker that is stuck is seen by a file that nobody renews."""

import asyncio
import os
from pathlib import Path
from typing import Final

from click.testing import CliRunner

from entrypoints.cli.main import main
from entrypoints.jobs.sign_of_life import (
    RENEWED_SECONDS,
    STALE_SECONDS,
    file_of,
    sign_of_life,
    why_not_alive,
)
from worlds.settings import variables_with

LONG_AGO: Final = 1_000_000_000


async def test_it_is_renewed_while_the_process_works(tmp_path: Path) -> None:
    """
    And gone with it, so that a new process is not taken for the one before.
    """
    pauses: list[float] = []
    renewed = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 1:
            renewed.set()
            await asyncio.Event().wait()
        os.utime(file, (LONG_AGO, LONG_AGO))

    folder = tmp_path / "health"
    file = file_of(folder, "worker")
    async with asyncio.timeout(10), sign_of_life(folder, "worker", pause=pause):
        await renewed.wait()
        assert why_not_alive(folder, "worker") is None
        at = file.stat().st_mtime
        assert why_not_alive(folder, "worker", now=at + STALE_SECONDS) is None
        assert why_not_alive(folder, "worker", now=at + STALE_SECONDS + 1) == (
            "the worker is stuck since 31 s"
        )

    assert pauses == [RENEWED_SECONDS] * 2
    assert "no worker" in (why_not_alive(folder, "worker") or "")


async def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    async with sign_of_life(None, "worker"):
        assert why_not_alive(tmp_path, "worker") is not None


def test_the_command_is_a_probe(tmp_path: Path) -> None:
    """
    0 when it works, 1 when it is stuck or nothing is set.
    """
    environ = variables_with(health_folder=str(tmp_path))
    file_of(tmp_path, "scheduler").touch()

    well = CliRunner().invoke(main, ["health", "scheduler"], env=environ)
    gone = CliRunner().invoke(main, ["health", "worker"], env=environ)
    unset = CliRunner().invoke(main, ["health", "worker"], env=variables_with())

    assert (well.exit_code, well.stdout) == (0, "the scheduler works\n")
    assert (gone.exit_code, unset.exit_code) == (1, 1)
    assert "SHULK_HEALTH_FOLDER" in unset.output
