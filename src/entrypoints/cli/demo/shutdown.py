"""A wish to end that interrupts nothing: it is looked at between steps, never in the middle of one."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from entrypoints.cli.subprocesses import Children

LOOK_AGAIN_SECONDS: Final = 0.05
WISHES: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):
    """Somebody asked us to end."""


class NotReady(Exception):
    """Something is alive and yet does not answer; shows what all of them said last."""

    def __init__(self, what: str, seconds: float, children: Children) -> None:
        said = "\n".join(f"{each.name}:\n{each.last_words()}" for each in children)
        super().__init__(f"{what} did not answer within {seconds:g} seconds\n{said}")


class Ending:
    """Knows whether a signal asked this process to end."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        self._asked = True

    def check(self) -> None:
        """Return if nobody asked, or raise ``Ended``."""
        if self._asked:
            raise Ended

    def wait_until(
        self, ready: Callable[[], bool], children: Children, *, at_most_seconds: float, what: str
    ) -> None:
        """Return once *ready* says so, or raise ``Ended``, ``ChildDied`` or ``NotReady``."""
        deadline = time.monotonic() + at_most_seconds
        while not ready():
            self.check()
            children.check()
            if time.monotonic() > deadline:
                raise NotReady(what, at_most_seconds, children)
            time.sleep(LOOK_AGAIN_SECONDS)

    def wait(self, children: Children) -> None:
        """Wait for the wish to end, or raise ``ChildDied`` when a child goes first."""
        while not self._asked:
            children.check()
            time.sleep(LOOK_AGAIN_SECONDS)


@contextmanager
def ending_on_signals() -> Iterator[Ending]:
    """Turn the signals that end a process into a wish, for the length of a ``with`` block."""
    ending = Ending()

    def note(_number: int, _frame: FrameType | None) -> None:
        ending.ask()

    # Started by nohup, a closed terminal is no wish to end.
    deaf = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    before = {each: signal.signal(each, note) for each in WISHES if each not in deaf}
    try:
        yield ending
    finally:
        for each, action in before.items():
            signal.signal(each, action)
