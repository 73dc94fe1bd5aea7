"""Sends wakeups: the API tells the workers that it has written work for them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError
from taskiq.kicker import AsyncKicker

from entrypoints.jobs.broker import open_broker
from entrypoints.jobs.tasks import DRAIN

log = logging.getLogger(__name__)

KICK_SECONDS_MAX: Final = 1.0
PAUSE_SECONDS: Final = 0.02
WARNING_SECONDS: Final = 60.0


class WakeupSender:
    """
    Wakes the workers without making the caller wait. When it fails, the workers' own loops find the work.

    At most one call is running and one more is due, however many callers there are: one call after
    the last caller is enough for all. Between two calls are ``PAUSE_SECONDS``, since a worker that is awake
    takes what has come meanwhile.
    """

    def __init__(
        self,
        redis_url: str,
        *,
        seconds: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._broker = open_broker(redis_url)
        self._kicker = AsyncKicker[[], None](DRAIN, self._broker, {})
        self._seconds, self._pause = seconds, pause
        self._warned_at: float | None = None
        self._under_way: asyncio.Task[None] | None = None
        self._owed = False

    async def __call__(self) -> None:
        """Return at once; never raises."""
        self._owed = True
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._kick_what_is_owed())

    async def close(self) -> None:
        """Wait for the running call, which is short, and close the connection to Redis."""
        if self._under_way is not None:
            await self._under_way
        with suppress(RedisError, OSError):
            await self._broker.shutdown()

    async def _kick_what_is_owed(self) -> None:
        while self._owed:
            self._owed = False
            try:
                async with asyncio.timeout(KICK_SECONDS_MAX):
                    await self._kicker.kiq()
            except Exception as trouble:  # noqa: BLE001 - whatever it is, the caller's work is done
                self._warn(trouble)
            await self._pause(PAUSE_SECONDS)

    def _warn(self, trouble: Exception) -> None:
        at = self._seconds()
        if self._warned_at is None or at - self._warned_at >= WARNING_SECONDS:
            self._warned_at = at
            cause = trouble.__cause__ or trouble
            log.warning(
                "wakeup.not_sent",
                extra={"dependency": "redis", "reason": type(cause).__name__},
            )
