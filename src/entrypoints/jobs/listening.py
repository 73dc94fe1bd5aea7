"""Listening for wake-up calls for as long as the worker lives, however often Valkey goes away."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError
from taskiq import AsyncBroker
from taskiq.receiver import Receiver

from entrypoints.jobs.waiting import Wait, back_off, wait_for

log = logging.getLogger(__name__)

TASKS_MAX: Final = 4


async def listen(
    broker: AsyncBroker, stopping: asyncio.Event, *, shutdown_seconds: float, wait: Wait = wait_for
) -> None:
    """Carry out the tasks *broker* brings until *stopping* is set; the running ones are finished."""
    failures = 0
    while not stopping.is_set():
        try:
            await broker.startup()
            if failures:
                log.info("Redis is back", extra={"dependency": "redis"})
            failures = 0
            receiver = Receiver(
                broker,
                max_async_tasks=TASKS_MAX,
                run_startup=False,
                wait_tasks_timeout=shutdown_seconds,
            )
            await receiver.listen(stopping)
        except Exception as trouble:  # noqa: BLE001 - the loops go on without Redis, and so does this
            failures += 1
            log.warning(
                "Redis is away; work is found by looking into the database",
                extra={"dependency": "redis", "reason": _kind(trouble), "attempts": failures},
            )
            await wait(stopping, back_off(failures))
    with suppress(RedisError, OSError):
        await broker.shutdown()


def _kind(trouble: BaseException) -> str:
    while isinstance(trouble, BaseExceptionGroup):
        trouble = trouble.exceptions[0]
    return type(trouble).__name__
