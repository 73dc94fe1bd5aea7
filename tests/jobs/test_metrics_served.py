"""Metrics are served on a port of their own: by one process alone, or by one for those that it forked."""

import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from entrypoints.telemetry.opening import (
    MetricsPort,
    counted_together,
    open_served_telemetry,
    open_telemetry,
)
from entrypoints.telemetry.telemetry import OFF
from worlds.settings import settings_with

SECONDS_MAX: Final = 30
FORKED: Final = """
import os, sys
from urllib.request import urlopen
from entrypoints.telemetry.opening import SHARED, counted_together, open_telemetry
from worlds.settings import settings_with

settings = settings_with(metrics_port=sys.argv[1])
with counted_together(settings) as serve:
    folder = os.environ[SHARED]
    serve()
    for _ in range(2):
        child = os.fork()
        if not child:
            with open_telemetry(settings).request("GET") as seen:
                seen.route, seen.status = "/health/live", 200
            os._exit(0)
        os.waitpid(child, 0)
    with urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=10) as answer:
        print(answer.read().decode())
    if not os.fork():
        sys.stdin.read()  # until the test has seen that the port is free
        os._exit(0)
print("folder left:", os.path.exists(folder))
sys.stdout.flush()
os._exit(0)
"""

UNUSED: Final = """
import os, sys
from entrypoints.telemetry.opening import (
    OFF, SHARED, MetricsPort, counted_together, open_served_telemetry, open_telemetry
)
from worlds.settings import settings_with

settings = settings_with()
assert open_telemetry(settings) is open_served_telemetry(settings, MetricsPort.WORKER) is OFF
with counted_together(settings) as serve:
    serve()
print(bool({"prometheus_client", "opentelemetry"} & set(sys.modules)), SHARED in os.environ)
"""


@pytest.fixture
def port() -> int:
    """A port that nobody has, and neither its neighbours."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def read(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=SECONDS_MAX) as answer:
        return str(answer.read().decode())


def test_forked_processes_are_counted_together(port: int) -> None:
    """
    Their sum is served, what ended ones counted included; none of them holds the port, and no folder stays.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    running = subprocess.Popen(  # noqa: S603 - our own interpreter and sources
        [sys.executable, "-c", FORKED, str(port)],
        env=environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.wait(SECONDS_MAX) == 0
        with socket.socket() as one:
            # Closed connections do not count; one that still listens does.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", port))
        running.stdin.close()
        said = running.stdout.read()

    labels = 'method="GET",route="/health/live"'
    assert f'shulk_http_requests_total{{{labels},status_class="2xx"}} 2.0' in said
    assert f"shulk_http_request_duration_seconds_count{{{labels}}} 2.0" in said
    assert "folder left: False" in said


def test_a_process_alone_serves_what_it_counts(port: int) -> None:
    """
    And its own processor time and memory, each kind of process on a port of its own.
    """
    telemetry = open_served_telemetry(settings_with(metrics_port=str(port - 1)), MetricsPort.WORKER)
    with telemetry.job("relay_outbox") as tell:
        tell(4)

    served = read(port)
    assert 'shulk_job_entries_total{job="relay_outbox"} 4.0' in served
    assert "process_cpu_seconds_total" in served


def test_a_port_that_is_taken_ends_no_process(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """
    It is logged, and what is counted is counted for nobody.
    """
    with socket.socket() as other, caplog.at_level(logging.WARNING):
        other.bind(("127.0.0.1", port))
        other.listen()
        telemetry = open_served_telemetry(settings_with(metrics_port=str(port)), MetricsPort.API)

    assert telemetry.on
    assert [each.message for each in caplog.records] == ["metrics.unavailable"]


def test_nothing_is_counted_or_loaded_until_a_port_is_set(tmp_path: Path) -> None:
    """
    The library takes its time to load: whoever does not use it does not wait for it.
    """
    assert open_telemetry(settings_with()) is OFF
    with counted_together(settings_with()) as serve:
        serve()
    ran = subprocess.run(  # noqa: S603 - our own interpreter and sources
        [sys.executable, "-c", UNUSED],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["False", "False"]
