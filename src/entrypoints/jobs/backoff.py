"""Waiting that ends early on an event, and grows longer with each failure in a row."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Returns when the event is set, or after so many seconds."""

BACK_OFF_SECONDS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def back_off(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row (at least one)."""
    return BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1]
