"""Wait for what a worker does meanwhile."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

POLL_SECONDS: Final = 0.05
Found = TypeVar("Found")


class NeverCame(AssertionError):
    """What a test waited for did not happen in time; the message says what there was instead."""


def wait_for(look: Callable[[], Found | None], seconds: float, why_not: Callable[[], str]) -> Found:
    """Return the first thing that *look* finds, or raise ``NeverCame`` with *why_not* after *seconds*."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise NeverCame(f"not within {seconds:g} seconds: {why_not()}")
        time.sleep(POLL_SECONDS)
