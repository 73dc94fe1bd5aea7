"""Doing independent pieces of work at once, each to its end, whatever becomes of the others."""

import asyncio
from collections.abc import Awaitable, Iterable


async def run_concurrently(works: Iterable[Awaitable[None]]) -> None:
    """
    Return when all of *works* have ended, or raise the first of their errors then.

    None is left running behind the caller's back, and none is stopped by another's failure.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    for outcome in ended:
        if outcome is not None:
            raise outcome
