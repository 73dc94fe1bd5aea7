"""Deciding once more when somebody was faster, a bounded number of times."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from domain.errors import ChangedMeanwhile

TRIES_MAX: Final = 8

Out = TypeVar("Out")


async def retry_on_conflict(unit: Callable[[], Awaitable[Out]]) -> Out:
    """
    Run one unit of work again on fresh state while others are faster, at most ``TRIES_MAX`` times.

    What repeats is a unit, never a call to the bank.
    """
    for _ in range(TRIES_MAX - 1):
        with suppress(ChangedMeanwhile):
            return await unit()
    return await unit()
