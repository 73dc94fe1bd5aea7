"""Running a unit of work again after a conflict with another one, a bounded number of times."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from domain.errors import ChangedMeanwhile

TRIES_MAX: Final = 8

Out = TypeVar("Out")


async def retry_on_conflict(unit: Callable[[], Awaitable[Out]]) -> Out:
    """
    Run one unit of work again on fresh state after ``ChangedMeanwhile``, at most ``TRIES_MAX`` times.

    Only a unit is repeated, never a call to the bank. Raises the last ``ChangedMeanwhile``.
    """
    for _ in range(TRIES_MAX - 1):
        with suppress(ChangedMeanwhile):
            return await unit()
    return await unit()
