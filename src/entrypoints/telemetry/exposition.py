"""The endpoint that Prometheus reads, on a port of its own; a fault in it never ends a process."""

import logging
import os
import socket
from typing import Any, Final

from prometheus_client import GC_COLLECTOR, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

log = logging.getLogger(__name__)

CLIENT_SECONDS_MAX: Final = 10
"""How long one reader may say nothing."""


def registry_of_one() -> CollectorRegistry:
    """Return the registry of a process that counts alone: with its own processor time, memory and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(GC_COLLECTOR)
    return registry


def registry_of_all() -> CollectorRegistry:
    """Return the registry that adds up what the forked processes counted."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return registry


def serve(host: str, port: int, registry: CollectorRegistry) -> None:
    """Serve *registry* until this process ends; a port that is taken is logged, and the process goes on without."""
    try:
        server, _ = start_http_server(port, host, registry)
    except OSError as trouble:
        reason = type(trouble).__name__
        log.warning("metrics.unavailable", extra={"port": port, "reason": reason})
        return
    handler: Any = server.RequestHandlerClass
    handler.timeout = CLIENT_SECONDS_MAX
    # A forked process must not hold the port once this one has ended.
    listener: socket.socket = server.socket
    os.register_at_fork(after_in_child=listener.close)
    log.info("metrics.available", extra={"port": port})
