"""A requested shutdown interrupts nothing: it is checked between steps, never in the middle of one."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from entrypoints.cli.subprocesses import Children

POLL_SECONDS: Final = 0.05
SHUTDOWN_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ShutdownRequested(Exception):
    """A signal asked this process to end."""


class NotReady(Exception):
    """A process runs and does not answer; the message shows the last lines of every process."""

    def __init__(self, what: str, seconds: float, children: Children) -> None:
        said = "\n".join(f"{each.name}:\n{each.last_words()}" for each in children)
        super().__init__(f"{what} did not answer within {seconds:g} seconds\n{said}")


class Shutdown:
    """Whether a signal asked this process to end."""

    def __init__(self) -> None:
        self._requested = False

    def request(self) -> None:
        self._requested = True

    def check(self) -> None:
        """Return if no shutdown was requested, or raise ``ShutdownRequested``."""
        if self._requested:
            raise ShutdownRequested

    def wait_until(
        self, ready: Callable[[], bool], children: Children, *, at_most_seconds: float, what: str
    ) -> None:
        """Return once *ready* says so, or raise ``ShutdownRequested``, ``ChildDied`` or ``NotReady``."""
        deadline = time.monotonic() + at_most_seconds
        while not ready():
            self.check()
            children.check()
            if time.monotonic() > deadline:
                raise NotReady(what, at_most_seconds, children)
            time.sleep(POLL_SECONDS)

    def wait(self, children: Children) -> None:
        """Wait until a shutdown is requested, or raise ``ChildDied`` when a child ends first."""
        while not self._requested:
            children.check()
            time.sleep(POLL_SECONDS)


@contextmanager
def shutdown_on_signals() -> Iterator[Shutdown]:
    """Turn the signals that end a process into a request, for the length of a ``with`` block."""
    shutdown = Shutdown()

    def note(_number: int, _frame: FrameType | None) -> None:
        shutdown.request()

    # Started by nohup, a closed terminal is no request to end.
    deaf = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    before = {each: signal.signal(each, note) for each in SHUTDOWN_SIGNALS if each not in deaf}
    try:
        yield shutdown
    finally:
        for each, action in before.items():
            signal.signal(each, action)


def end_when_stdin_closes(shutdown: Shutdown) -> None:
    """Request a shutdown once standard input is closed: whoever holds its other end is gone then, even by SIGKILL."""

    def read() -> None:
        while sys.stdin.buffer.read(1):
            pass
        shutdown.request()

    threading.Thread(target=read, daemon=True).start()
