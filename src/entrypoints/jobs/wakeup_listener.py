"""Listening for wakeups while the worker runs, also after Valkey was away."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError
from taskiq.receiver import Receiver

from entrypoints.jobs.backoff import Wait, back_off, wait_for
from entrypoints.jobs.broker import WakeUpBroker

log = logging.getLogger(__name__)

TASKS_MAX: Final = 4
HANG_UP_SECONDS: Final = 0.2


async def listen(
    broker: WakeUpBroker, shutdown: asyncio.Event, *, shutdown_seconds: float, wait: Wait = wait_for
) -> None:
    """Carry out the tasks *broker* brings until *shutdown* is set; the running ones are finished."""
    failures = 0
    while not shutdown.is_set():
        try:
            await broker.startup()
            if failures:
                log.info("redis.available", extra={"dependency": "redis"})
            failures = 0
            receiver = Receiver(
                broker,
                max_async_tasks=TASKS_MAX,
                run_startup=False,
                wait_tasks_timeout=shutdown_seconds,
            )
            await _receive(receiver, broker, shutdown)
        except Exception as trouble:  # noqa: BLE001 - the loops go on without Redis, and so does this
            if shutdown.is_set():
                break
            failures += 1
            log.warning(
                "redis.unavailable",
                extra={"dependency": "redis", "reason": _kind(trouble), "attempts": failures},
            )
            await wait(shutdown, back_off(failures))
    with suppress(RedisError, OSError):
        await broker.shutdown()


async def _receive(receiver: Receiver, broker: WakeUpBroker, shutdown: asyncio.Event) -> None:
    """
    Receive until *shutdown* is set.

    The receiver ends by cancelling its pending read, and the client swallows that when it comes at
    the wrong moment; the read would then go on for good. Without a connection it cannot.
    """
    receiving = asyncio.create_task(receiver.listen(shutdown))
    shutdown_wait = asyncio.create_task(shutdown.wait())
    try:
        await asyncio.wait({receiving, shutdown_wait}, return_when=asyncio.FIRST_COMPLETED)
        while not receiving.done():
            await asyncio.wait({receiving}, timeout=HANG_UP_SECONDS)
            if not receiving.done():
                await broker.hang_up()
    finally:
        shutdown_wait.cancel()
        receiving.cancel()
    await receiving


def _kind(trouble: BaseException) -> str:
    while isinstance(trouble, BaseExceptionGroup):
        trouble = trouble.exceptions[0]
    return type(trouble).__name__
