"""A file that a process without a port renews, so that an orchestrator sees whether it still works."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

RENEWED_SECONDS: Final = 5.0
STALE_SECONDS: Final = 30.0
"""Longer than any wait of a busy loop: whoever has not renewed it for so long is stuck."""


@asynccontextmanager
async def sign_of_life(
    folder: Path | None,
    process: str,
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[None]:
    """Renew the file of *process* in *folder* within the block, and remove it then; without a folder do nothing."""
    if folder is None:
        yield
        return
    file = file_of(folder, process)
    _begin(folder, file)

    async def renew() -> None:
        while True:
            await pause(RENEWED_SECONDS)
            # A disk that is full or away makes the process look stuck, which is all that can be said then.
            with suppress(OSError):
                file.touch()

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        file.unlink(missing_ok=True)


def _begin(folder: Path, file: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file.touch()


def why_not_alive(folder: Path, process: str, *, now: float | None = None) -> str | None:
    """Return what is wrong with the sign of *process*, None when it was renewed lately."""
    try:
        renewed = file_of(folder, process).stat().st_mtime
    except FileNotFoundError:
        return f"no {process} has written to {folder}"
    age = (time.time() if now is None else now) - renewed
    return f"the {process} is stuck since {age:.0f} s" if age > STALE_SECONDS else None


def file_of(folder: Path, process: str) -> Path:
    return folder / f"{process}.alive"
