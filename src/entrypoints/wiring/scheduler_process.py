"""The scheduler process: settings in, tasks sent as they fall due until SIGTERM, out with 0."""

import asyncio
import logging
import os

from entrypoints.jobs.scheduler import schedule
from entrypoints.jobs.signals import shutdown_on_signal
from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import load_settings


def main() -> None:
    """Say when jobs are due until SIGTERM; block meanwhile."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    logging.getLogger("taskiq").setLevel(logging.WARNING)
    asyncio.run(_schedule(settings.redis_url))


async def _schedule(redis_url: str | None) -> None:
    await schedule(redis_url, shutdown_on_signal())
