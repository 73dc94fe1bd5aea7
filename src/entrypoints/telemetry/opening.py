"""What a process tells its work to, by its settings; one that tells nothing loads no library for it."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

from entrypoints.settings.settings import Settings
from entrypoints.telemetry.telemetry import OFF, Spans, Telemetry

log = logging.getLogger(__name__)

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
    """Return what a process of the API tells its work to; another process serves its counts."""
    spans = _spans(settings, "shulk-api")
    if settings.metrics_port is None:
        return OFF if spans is None else Telemetry(spans=spans)
    from prometheus_client import CollectorRegistry

    from entrypoints.telemetry.metrics import Metrics

    return Telemetry(Metrics(CollectorRegistry()), spans)


def open_served_telemetry(settings: Settings, port_of: MetricsPort) -> Telemetry:
    """Return what a process without others beside it tells its work to, and serve its counts until its end."""
    spans = _spans(settings, f"shulk-{port_of.name.lower()}")
    if settings.metrics_port is None:
        return OFF if spans is None else Telemetry(spans=spans)
    from entrypoints.telemetry.exposition import registry_of_one, serve
    from entrypoints.telemetry.metrics import Metrics

    registry = registry_of_one()
    serve(settings.metrics_host, settings.metrics_port + port_of, registry)
    return Telemetry(Metrics(registry), spans)


def _spans(settings: Settings, process: str) -> Spans | None:
    """Return what sends spans, if that is wanted and its library is installed."""
    if settings.traces_url is None:
        return None
    try:
        from entrypoints.telemetry.tracing import Tracing, send_to
    except ModuleNotFoundError:
        log.warning("tracing.missing")
        return None
    return Tracing(send_to(settings.traces_url), process, settings.traces_percent / 100)


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
