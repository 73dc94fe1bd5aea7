"""How the journeys wait: they look at what can be seen until it is so, and say what they saw if it never is."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Seen = TypeVar("Seen")

PATIENCE_SECONDS: Final = 30.0
LOOK_AGAIN_SECONDS: Final = 0.05


async def eventually(
    look: Callable[[], Awaitable[Seen]],
    wanted: Callable[[Seen], object] = bool,
    *,
    within_seconds: float = PATIENCE_SECONDS,
) -> Seen:
    """Return what *look* sees once it is as *wanted*, or fail with what was seen last."""
    deadline = time.monotonic() + within_seconds
    while not wanted(seen := await look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_seconds:g} seconds; seen last: {seen!r}")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return seen


def eventually_here(
    look: Callable[[], object], *, what: str, within_seconds: float = PATIENCE_SECONDS
) -> None:
    """Do the same where no loop runs: return once *look* sees something."""
    deadline = time.monotonic() + within_seconds
    while not look():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} was not there within {within_seconds:g} seconds")
        time.sleep(LOOK_AGAIN_SECONDS)
