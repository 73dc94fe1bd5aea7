"""Says when a job is due; the database decides who runs it, and that it runs once."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from redis.exceptions import RedisError
from taskiq import AsyncBroker, ScheduledTask, ScheduleSource, TaskiqScheduler
from taskiq.cli.scheduler.run import SchedulerLoop

from entrypoints.jobs.broker import open_broker
from entrypoints.jobs.schedule import StaticSchedule
from entrypoints.telemetry.telemetry import OFF, Telemetry

log = logging.getLogger(__name__)

KICK_SECONDS_MAX: Final = 5.0
RELOAD_SCHEDULE_EVERY: Final = timedelta(hours=1)  # it never changes; the library insists


class PatientScheduler(TaskiqScheduler):
    """A call that does not get through is dropped: the workers keep a timer of their own meanwhile."""

    def __init__(
        self, broker: AsyncBroker, sources: list[ScheduleSource], telemetry: Telemetry = OFF
    ) -> None:
        super().__init__(broker, sources)
        self._telemetry = telemetry
        self._away = False

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        try:
            async with asyncio.timeout(KICK_SECONDS_MAX):
                await super().on_ready(source, task)
        except Exception as trouble:  # noqa: BLE001 - the next slot is another chance
            if not self._away:
                cause = trouble.__cause__ or trouble
                log.warning(
                    "redis.unavailable",
                    extra={"dependency": "redis", "reason": type(cause).__name__},
                )
            self._away = True
            self._telemetry.trigger(task.task_name, sent=False)
        else:
            if self._away:
                log.info("redis.available", extra={"dependency": "redis"})
            self._away = False
            self._telemetry.trigger(task.task_name, sent=True)


async def schedule(
    redis_url: str | None, shutdown: asyncio.Event, telemetry: Telemetry = OFF
) -> None:
    """Send tasks as they fall due until *shutdown* is set; without Redis only wait for that."""
    if redis_url is None:
        log.warning("scheduler.without_redis")
        await shutdown.wait()
        return
    broker = open_broker(redis_url)
    scheduler = PatientScheduler(broker, [StaticSchedule()], telemetry)
    # The group is made by the workers, who read it from its beginning: a task may wait for them.
    loop = SchedulerLoop(scheduler, event_loop=asyncio.get_running_loop())
    beating = asyncio.create_task(loop.run(update_interval=RELOAD_SCHEDULE_EVERY))
    shutdown_wait = asyncio.create_task(shutdown.wait())
    log.info("scheduler.started")
    try:
        await asyncio.wait({beating, shutdown_wait}, return_when=asyncio.FIRST_COMPLETED)
        if beating.done():
            beating.result()
    finally:
        beating.cancel()
        shutdown_wait.cancel()
        await asyncio.gather(beating, shutdown_wait, return_exceptions=True)
        with suppress(RedisError, OSError):
            await broker.shutdown()
    log.info("scheduler.stopped")
