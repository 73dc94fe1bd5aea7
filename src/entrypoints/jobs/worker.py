"""The worker process: settings in, work until SIGTERM, out with 0."""

import asyncio
import logging
import os

from entrypoints.jobs.chores import Chores
from entrypoints.jobs.running import Worker
from entrypoints.jobs.signals import stopping_on_signal
from entrypoints.wiring.jobs import open_chores
from entrypoints.wiring.logging import configure_logging
from entrypoints.wiring.settings import Settings, load_settings


def main() -> None:
    """Work until SIGTERM; block meanwhile."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    # It would write a line about every task, and we write one about what came of them.
    logging.getLogger("taskiq").setLevel(logging.WARNING)
    asyncio.run(_work(settings, open_chores()))


async def _work(settings: Settings, chores: Chores) -> None:
    worker = Worker(
        chores=chores,
        stopping=stopping_on_signal(),
        shutdown_seconds=settings.shutdown_seconds,
        redis_url=settings.redis_url,
    )
    await worker.run()
