"""
Processes of ours that begin in modules which are loaded already.

A start by the interpreter loads 2,400 modules, which takes most of the time of a test that starts processes and
ends them. Here a server that has loaded them once (multiprocessing's fork server) makes a copy of itself, which is
a process like any other: with its own memory and environment, with a log, that signals reach. What the interpreter
does before the first line of ours is left to the tests of the demo, whose processes start by a command.
"""

import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final, cast

LOADED: Final = (
    "entrypoints.wiring.http_process",
    "entrypoints.wiring.worker_process",
    "entrypoints.wiring.scheduler_process",
    "entrypoints.cli.main",
    "entrypoints.operations.schema",
    "entrypoints.simulator.command",
    "entrypoints.mailbox.server",
    "granian",
    "worlds.processes.frozen",
)
"""What the server loads, in this order; the last one says that all of it stays."""

DECIDED_ON_IMPORT: Final = ("PYTHONWARNINGS", "PYTHONHASHSEED", "TZ")
"""What the copies would take from the server, and not from the environment that they are given."""


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


class ForkedProcess:
    """A module that runs as a program, with the methods of ``subprocess.Popen`` that our tests use."""

    def __init__(
        self, module: str, words: Sequence[str], *, env: Mapping[str, str], log: Path
    ) -> None:
        changed = [name for name in DECIDED_ON_IMPORT if env.get(name) != os.environ.get(name)]
        if changed:
            raise ValueError(f"{', '.join(changed)} would have no effect on a copy of a process")
        # The log is there at once, as where somebody else has opened it for the process.
        log.touch()
        self._process = _context().Process(
            target=_run, args=(module, tuple(words), dict(env), str(log)), name=module
        )
        self._process.start()
        self.args = (module, *words)

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _run(module: str, words: Sequence[str], env: Mapping[str, str], log: str) -> None:
    """Be the program *module* from here on; its output goes to the end of the file *log*."""
    os.environ.clear()
    os.environ.update(env)
    with Path(log).open("ab", buffering=0) as writes, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(writes.fileno(), 1)
        os.dup2(writes.fileno(), 2)
    for stream in (sys.stdout, sys.stderr):
        cast("io.TextIOWrapper", stream).reconfigure(encoding="utf-8", write_through=True)
    sys.argv = [module, *words]
    # As in a process that was started by a command: a copy would hand its own start method on to its children.
    multiprocessing.set_start_method("fork", force=True)
    # The loaded module is not the program that begins now.
    sys.modules.pop(module, None)
    # Python's own handler, which the server has taken from its copies.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
