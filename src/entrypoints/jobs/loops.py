"""The worker's own loops: they read PostgreSQL for work with or without a wakeup."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from entrypoints.jobs.backoff import Wait, back_off, wait_for
from entrypoints.jobs.worker_tasks import WorkerTask
from entrypoints.logs.setup import correlated
from ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 60.0


@dataclass(slots=True, kw_only=True)
class Loop:
    """
    Repeats *task* until *shutdown* is set: after *seconds*, when woken, or at once after a full batch.

    A failing task is logged and tried again, later each time; a wakeup does not shorten that wait.
    """

    job: str
    task: WorkerTask
    shutdown: asyncio.Event
    seconds: float = POLL_SECONDS
    batch_size: int | None = None
    handled: Counter[str] = field(default_factory=Counter)
    wait: Wait = wait_for
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        failures = 0
        while not self.shutdown.is_set():
            # Cleared before the task runs: what comes in meanwhile makes it run again.
            self._news.clear()
            try:
                with correlated():
                    batch = await self.task()
            except Exception as trouble:  # noqa: BLE001 - a worker outlives whatever a task raises
                failures += 1
                self._tell(trouble, failures)
                await self.wait(self.shutdown, back_off(failures))
                continue
            failures = 0
            self.handled[self.job] += batch
            if self.batch_size is None or batch < self.batch_size:
                await self.wait(self._news, self.seconds)
            else:
                await asyncio.sleep(0)

    def _tell(self, trouble: Exception, failures: int) -> None:
        about = {"job": self.job, "attempts": failures}
        if isinstance(trouble, StorageUnavailable):
            log.warning("job.postponed", extra=about)
        else:
            log.error("job.failed", exc_info=trouble, extra=about)


async def heartbeat(handled: Counter[str], shutdown: asyncio.Event, wait: Wait = wait_for) -> None:
    """Log once a minute that this worker lives, and what it has handled since the last time."""
    while not shutdown.is_set():
        await wait(shutdown, HEARTBEAT_SECONDS)
        log.info("worker.alive", extra={"count": dict(handled)})
        handled.clear()
