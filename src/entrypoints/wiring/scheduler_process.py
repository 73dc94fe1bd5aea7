"""The scheduler process: settings in, tasks sent as they fall due until SIGTERM, out with 0."""

import asyncio
import logging
import os

from entrypoints.jobs.scheduler import schedule
from entrypoints.jobs.sign_of_life import sign_of_life
from entrypoints.jobs.signals import shutdown_on_signal
from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import Settings, load_settings
from entrypoints.telemetry.opening import MetricsPort, open_served_telemetry


def main() -> None:
    """Say when jobs are due until SIGTERM; block meanwhile."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    logging.getLogger("taskiq").setLevel(logging.WARNING)
    asyncio.run(_schedule(settings))


async def _schedule(settings: Settings) -> None:
    telemetry = open_served_telemetry(settings, MetricsPort.SCHEDULER)
    async with sign_of_life(settings.health_folder, "scheduler"):
        await schedule(settings.redis_url, shutdown_on_signal(), telemetry)
    telemetry.end()
