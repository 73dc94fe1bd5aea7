"""Processes that end with the one that started them, whichever way that one ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

REAPER: Final = Path(__file__).with_name("reaper.py")
GRACE_SECONDS: Final = 10.0
LAST_LINES: Final = 15


class ChildDied(Exception):
    """A process that should still run ended by itself; the message names it and shows its last output."""

    def __init__(self, name: str, code: int | None, last_words: str) -> None:
        self.name, self.code, self.last_words = name, code, last_words
        super().__init__(f"{name} ended with code {code}; its last words:\n{last_words}")


@dataclass(frozen=True, slots=True)
class Child:
    """A running process and the file it writes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals

    def check(self) -> None:
        """Return if it still runs, or raise ``ChildDied``."""
        code = self.process.poll()
        if code is not None:
            raise ChildDied(self.name, code, self.last_words())

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])


class Children:
    """Starts processes and ends them in reverse order; a reaper ends them if this process is killed.

    The reaper is a small process that notices when this one is gone, even by SIGKILL, because
    the pipe between them closes; a death signal of the kernel would follow the starting *thread*
    and exists on Linux only.
    """

    def __init__(self, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._grace_seconds = grace_seconds
        self._children: list[Child] = []
        self._reaper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._reaper = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(REAPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            watchman, pipe = self._watched()
            pipe.close()
            watchman.wait()

    def __iter__(self) -> Iterator[Child]:
        return iter(tuple(self._children))

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environ: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: int | None = None,
    ) -> Child:
        """Start *command* in a session of its own, both its outputs appended to *log*."""
        self._watched()
        with log.open("ab") as writes:
            process = subprocess.Popen(  # noqa: S603 - the caller's own command, no shell
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=writes,
                stderr=subprocess.STDOUT,
                env=None if environ is None else dict(environ),
                cwd=log.parent,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        child = Child(name, process, log, stop_signal)
        self._children.append(child)
        self._tell("born", str(process.pid))
        return child

    def forget_folder_on_death(self, folder: Path) -> None:
        """Have *folder* removed should this process be killed."""
        self._tell("folder", str(folder))

    def check(self) -> None:
        """Return if every child still runs, or raise ``ChildDied`` for the first that does not."""
        for child in self._children:
            child.check()

    def stop(self) -> None:
        """End every child, the last started first; none is left when this returns."""
        while self._children:
            child = self._children.pop()
            end(child, self._grace_seconds)
            self._tell("gone", str(child.process.pid))

    def _tell(self, word: str, argument: str) -> None:
        _, pipe = self._watched()
        pipe.write(f"{word} {argument}\n".encode())
        pipe.flush()

    def _watched(self) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        if self._reaper is None or self._reaper.stdin is None:
            raise RuntimeError("children are started inside a with block")
        return self._reaper, self._reaper.stdin


def end(child: Child, grace_seconds: float) -> None:
    """Ask *child* to end, and kill its whole process group if it does not in time."""
    if child.process.poll() is None:
        child.process.send_signal(child.stop_signal)
        try:
            child.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            _kill_group(child.process.pid)
            child.process.wait()
    # A process that it started and left behind is still in its group.
    _kill_group(child.process.pid)


def wait_until(
    ready: Callable[[], bool], children: Children, *, at_most_seconds: float, what: str
) -> None:
    """Return once *ready* says so; raise ``ChildDied`` or ``TimeoutError`` otherwise."""
    deadline = time.monotonic() + at_most_seconds
    while not ready():
        children.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} was not there after {at_most_seconds:g} seconds")
        time.sleep(0.02)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
