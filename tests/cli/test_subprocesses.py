"""Processes end with whoever started them, whichever way that one ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import entrypoints
from entrypoints.cli.reaper import lives
from entrypoints.cli.subprocesses import ChildDied, Children, wait_until

SOURCES = str(Path(entrypoints.__file__).parents[1])
PATIENCE_SECONDS = 20.0

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
other = subprocess.Popen([sys.executable, "-c", deaf])
print(other.pid, flush=True)
time.sleep(600)
"""
SUPERVISOR = """
import sys, time
from pathlib import Path
from entrypoints.cli.subprocesses import Children
folder = Path(sys.argv[1])
with Children() as children:
    children.forget_folder_on_death(folder)
    child = children.start(
        "sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], log=folder / "log"
    )
    print(child.process.pid, flush=True)
    time.sleep(600)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def eventually(happened: Callable[[], bool]) -> bool:
    """Look again until it happened or patience is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()


def test_a_death_is_told_with_the_last_words(tmp_path: Path) -> None:
    """
    Whoever starts the demo reads why a process did not come up, not only that it did not.
    """
    dying = python("import sys; print('no such table'); sys.exit(3)")
    with Children() as children:
        children.start("worker", dying, log=tmp_path / "log")
        with pytest.raises(ChildDied) as death:
            wait_until(lambda: False, children, at_most_seconds=PATIENCE_SECONDS, what="worker")

    assert (death.value.name, death.value.code) == ("worker", 3)
    assert death.value.last_words == "no such table"


def test_waiting_has_an_end(tmp_path: Path) -> None:
    """
    What is alive but never ready is not waited for for ever.
    """
    with Children() as children:
        children.start("sleeper", python("import time; time.sleep(600)"), log=tmp_path / "log")
        with pytest.raises(TimeoutError, match="sleeper"):
            wait_until(lambda: False, children, at_most_seconds=0.1, what="sleeper")


def test_the_youngest_ends_first(tmp_path: Path) -> None:
    """
    Whoever was started later may need those before it until its last moment.
    """
    order = tmp_path / "order"
    polite = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(order)!r}, 'a').write(sys.argv[1]); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    with Children() as children:
        logs = [tmp_path / name for name in "abc"]
        for log in logs:
            children.start(log.name, [*python(polite), log.name], log=log)
        wait_until(
            lambda: all(log.read_text(encoding="utf-8") for log in logs),
            children,
            at_most_seconds=PATIENCE_SECONDS,
            what="all",
        )

    assert order.read_text(encoding="utf-8") == "cba"


def test_who_does_not_listen_is_killed_with_all_it_started(tmp_path: Path) -> None:
    """
    A hanging process and its own children are gone when the block is left.
    """
    log = tmp_path / "log"
    with Children(grace_seconds=0.2) as children:
        child = children.start("stubborn", python(STUBBORN), log=log)
        wait_until(
            lambda: log.read_text(encoding="utf-8").endswith("\n"),
            children,
            at_most_seconds=PATIENCE_SECONDS,
            what="stubborn",
        )
        grandchild = int(log.read_text(encoding="utf-8"))

    assert child.process.returncode == -signal.SIGKILL
    assert eventually(lambda: not lives(grandchild))


def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    """
    SIGKILL cannot be caught; the watchman ends the children and removes the folder.
    """
    folder = tmp_path / "folder"
    folder.mkdir()
    supervisor = subprocess.Popen(  # noqa: S603 - our own words
        [*python(SUPERVISOR), str(folder)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": SOURCES},
    )
    with supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert lives(child)
        supervisor.kill()

    assert eventually(lambda: not lives(child))
    assert eventually(lambda: not folder.exists())


def test_children_are_started_inside_a_block(tmp_path: Path) -> None:
    """
    Without the block there is no watchman, and nobody may be started unwatched.
    """
    log = tmp_path / "log"
    with pytest.raises(RuntimeError, match="with block"):
        Children().start("nobody", python("pass"), log=log)

    assert not log.exists()
