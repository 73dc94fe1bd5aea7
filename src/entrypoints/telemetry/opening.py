"""What a process counts with, by its settings; one that counts nothing loads no library for it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

from entrypoints.settings.settings import Settings
from entrypoints.telemetry.telemetry import OFF, Telemetry

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library finds the folder in which several processes count together."""

RUNTIME: Final = "RUNTIME_DIRECTORY"
"""Where systemd tells a unit its folder on a file system in memory."""


class MetricsPort(IntEnum):
    """How far behind ``SHULK_METRICS_PORT`` the port of a process is: they share one machine and its settings."""

    API = 0
    WORKER = 1
    SCHEDULER = 2


def open_telemetry(settings: Settings) -> Telemetry:
    """Return what a process counts with whose counts another one serves."""
    if settings.metrics_port is None:
        return OFF
    from prometheus_client import CollectorRegistry

    from entrypoints.telemetry.metrics import Metrics

    return Telemetry(Metrics(CollectorRegistry()))


def open_served_telemetry(settings: Settings, endpoint: MetricsPort) -> Telemetry:
    """Return what a process without others beside it counts with, and serve that until its end."""
    if settings.metrics_port is None:
        return OFF
    from entrypoints.telemetry.exposition import registry_of_one, serve
    from entrypoints.telemetry.metrics import Metrics

    registry = registry_of_one()
    serve(settings.metrics_host, settings.metrics_port + endpoint, registry)
    return Telemetry(Metrics(registry))


@contextmanager
def counted_together(settings: Settings) -> Iterator[Callable[[], None]]:
    """
    Let the processes that are forked within the block count together.

    It yields what serves their sum, to be called before the first of them is forked. The folder in which they
    count is new, and gone afterwards.
    """
    if settings.metrics_port is None:
        yield lambda: None
        return
    port = settings.metrics_port + MetricsPort.API
    folder = tempfile.mkdtemp(prefix="shulk-metrics-", dir=os.environ.get(RUNTIME) or None)
    # The library reads it as it is loaded, here and in what is forked.
    os.environ[SHARED] = folder

    def serve_sum() -> None:
        from entrypoints.telemetry.exposition import registry_of_all, serve

        serve(settings.metrics_host, port, registry_of_all())

    try:
        yield serve_sum
    finally:
        shutil.rmtree(folder, ignore_errors=True)
