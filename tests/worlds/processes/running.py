"""Processes of ours as an operator runs them: started by a command, told to end by SIGTERM, heard by their logs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import entrypoints
from worlds.processes.forked import ForkedProcess

SOURCES: Final = str(Path(entrypoints.__file__).parents[1])
MAIN: Final = "entrypoints.cli.main"
SHULK: Final = (sys.executable, "-m", MAIN)
GRACE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process and the file it writes to."""

    name: str
    process: subprocess.Popen[bytes] | ForkedProcess
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def ask_to_end(self) -> None:
        self.process.terminate()

    def ended(self) -> int:
        """Return its exit code, or fail when it goes on."""
        return self.process.wait(GRACE_SECONDS)


def environ(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a process sees: *variables*, and no setting of ours from outside."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SHULK_")}
    return ours | {"PYTHONPATH": SOURCES, "PYTHONUNBUFFERED": "1"} | dict(variables or {})


def shulk(*words: str, variables: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command to its end; return its exit code and all it said."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "said")
        process = ForkedProcess(MAIN, words, env=environ(variables), log=log)
        try:
            return process.wait(GRACE_SECONDS), log.read_text(encoding="utf-8")
        finally:
            process.kill()


@contextmanager
def started(
    name: str, *command: str, log: Path, variables: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run *command*, started anew, for the length of a ``with`` block, unless it ends by itself before."""
    with log.open("ab") as writes:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=environ(variables),
            stdin=subprocess.DEVNULL,
            stdout=writes,
            stderr=subprocess.STDOUT,
        )
    with _ended(process):
        yield Running(name, process, log)


@contextmanager
def running(
    name: str, module: str, *words: str, log: Path, variables: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run *module* for the length of a ``with`` block, unless it ends by itself before."""
    process = ForkedProcess(module, words, env=environ(variables), log=log)
    with _ended(process):
        yield Running(name, process, log)


@contextmanager
def _ended(process: subprocess.Popen[bytes] | ForkedProcess) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def descendants(pid: int) -> list[int]:
    """Return the processes that *pid* started, and those that they started."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="],  # noqa: S607 - wherever the system has it
        capture_output=True,
        check=True,
        text=True,
    )
    parents = {
        int(child): int(parent) for child, parent in map(str.split, listed.stdout.splitlines())
    }
    found, looked_at = [pid], 0
    while looked_at < len(found):
        found += [child for child, parent in parents.items() if parent == found[looked_at]]
        looked_at += 1
    return found[1:]


def is_alive(pid: int) -> bool:
    """Whether *pid* runs; one that nobody has buried yet does not."""
    shown = subprocess.run(  # noqa: S603 - a fixed command
        ["ps", "-o", "stat=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        check=False,
        text=True,
    )
    return bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")
