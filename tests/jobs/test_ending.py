"""A worker that is told to end finishes what it has begun, and begins nothing more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import entrypoints.jobs

SCRIPT = Path(__file__).with_name("worker_process.py")
SOURCES = Path(entrypoints.jobs.__file__).parents[2]


def words_after_sigterm(shutdown_seconds: float, how: str) -> tuple[list[str], int]:
    """Start a worker, end it while it works; return what it said from then on, and its exit code."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(SCRIPT), str(shutdown_seconds), how],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        assert process.stdout.readline() == "under way\n"
        process.send_signal(signal.SIGTERM)
        words = process.stdout.read().split("\n")[:-1]
        return words, process.wait(timeout=20)


def test_sigterm_lets_work_finish() -> None:
    """
    The batch under way is finished, no other is begun though it was full, and the exit code is 0.
    """
    assert words_after_sigterm(20, "finishes") == (["finished", "stopped"], 0)


@pytest.mark.parametrize("shutdown_seconds", [0.2])
def test_sigterm_waits_no_longer_than_it_may(shutdown_seconds: float) -> None:
    """
    Work that does not end is cut off: its lease in the database runs out, and another takes it up.
    """
    assert words_after_sigterm(shutdown_seconds, "hangs") == (["stopped"], 0)
