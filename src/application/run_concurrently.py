"""Running independent pieces of work at once, each to its end, also when others fail."""

import asyncio
from collections.abc import Awaitable, Iterable


async def run_concurrently(works: Iterable[Awaitable[None]]) -> None:
    """
    Return when all of *works* have ended, or raise the first of their errors then.

    None is still running when this returns, and none is stopped by another's failure.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    for outcome in ended:
        if outcome is not None:
            raise outcome
