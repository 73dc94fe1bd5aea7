"""Taking a safeguard out of a copy of the tree, and seeing which tests notice."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Final, Self

from mutation.record import ROOT, Mutation

COPIED: Final = ("src", "tests", "clients", "docs", "pyproject.toml", ".env.example", "README.md")
RUNNER: Final = Path(__file__).with_name("runner.py")
SECONDS_MAX: Final = 600
RAN: Final = frozenset({0, 1})
"""pytest's exit codes for: all passed, and: some failed. Anything else proves nothing."""

_FAILED: Final = re.compile(r"^FAILED (tests/\S+?::[^\n]+?)(?: - .*)?$", re.MULTILINE)


class NothingProved(Exception):
    """The tests did not run to their end, so that neither passing nor failing was seen."""


class Runner:
    """One process that runs tests in children of its own; it ends with the block."""

    def __init__(self) -> None:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(RUNNER)],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, root: Path, tests: Sequence[str], told: Path) -> int:
        """Return pytest's exit code, or raise ``NothingProved`` when there is none in time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"root": str(root), "tests": list(tests), "told": str(told)}
        overdue = Timer(SECONDS_MAX, self.end)
        overdue.start()
        try:
            self._process.stdin.write(f"{json.dumps(asked)}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        finally:
            overdue.cancel()
        if not answer:
            raise NothingProved(f"no end within {SECONDS_MAX} seconds, or after such a run")
        return int(answer)

    def end(self) -> None:
        """End it with all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


@dataclass(slots=True)
class Copy:
    """A copy of the tree. The tree itself is never written to."""

    root: Path
    runner: Runner = field(default_factory=Runner)
    _written: int = 0

    @classmethod
    def made_in(cls, folder: Path) -> Self:
        folder.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "node_modules")
                shutil.copytree(source, folder / name, ignore=ignored)
            else:
                shutil.copy2(source, folder / name)
        return cls(folder)

    def missed(self, mutation: Mutation) -> frozenset[str]:
        """
        Return which tests fail in this copy without the safeguard.

        Raises ``DoesNotApply`` where the text to take out is not there, and ``NothingProved``.
        """
        changed = mutation.applied_in(self.root)
        kept = {path: path.read_text(encoding="utf-8") for path in changed}
        try:
            for path, text in changed.items():
                self._write(path, text)
            return self.failing(mutation.caught_by)
        finally:
            for path, text in kept.items():
                self._write(path, text)

    def failing(self, tests: Sequence[str]) -> frozenset[str]:
        """Run *tests* in this copy and return those that fail, one with cases if any of them does."""
        told = self.root / "told.txt"
        code = self.runner.run(self.root, tests, told)
        said = told.read_text(encoding="utf-8", errors="replace")
        if code not in RAN:
            raise NothingProved(f"pytest ended with {code}\n{said[-2000:]}")
        failed = _FAILED.findall(said)
        return frozenset(each for each in tests if any(_is_of(case, each) for case in failed))

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        # Two versions of one length within one second would share their compiled form.
        self._written += 1
        moment = time.time() + self._written * 10
        os.utime(path, (moment, moment))


def _is_of(case: str, test: str) -> bool:
    return case == test or case.startswith(f"{test}[")
