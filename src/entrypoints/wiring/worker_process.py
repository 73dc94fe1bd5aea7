"""The worker process: settings in, work until SIGTERM, out with 0."""

import asyncio
import logging
import os

from entrypoints.jobs.signals import stopping_on_signal
from entrypoints.jobs.worker import Worker
from entrypoints.jobs.worker_tasks import WorkerTasks
from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import Settings, load_settings
from entrypoints.wiring.worker_tasks import worker_tasks_from_environment


def main() -> None:
    """Work until SIGTERM; block meanwhile."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    # It would write a line about every task, and we write one about what came of them.
    logging.getLogger("taskiq").setLevel(logging.WARNING)
    asyncio.run(_work(settings, worker_tasks_from_environment()))


async def _work(settings: Settings, tasks: WorkerTasks) -> None:
    worker = Worker(
        tasks=tasks,
        stopping=stopping_on_signal(),
        shutdown_seconds=settings.shutdown_seconds,
        redis_url=settings.redis_url,
    )
    await worker.run()
