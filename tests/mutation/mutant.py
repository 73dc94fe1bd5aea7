"""Taking a safeguard out of a copy of the tree, and seeing which tests notice."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Final, Self

from mutation.reading import Reading, changed_modules
from mutation.record import ROOT, Mutation

COPIED: Final = ("src", "tests", "clients", "docs", "pyproject.toml", ".env.example", "README.md")
RUNNER: Final = Path(__file__).with_name("runner.py")
SECONDS_MAX: Final = 600
LENT_SERVER: Final = "SERVER_OF_THE_TESTS"
"""The variable by which ``tests/conftest.py`` is told of a PostgreSQL that other runs have used."""

POSTGRES: Final = "src/adapters/postgres"
MAKES_THE_SCHEMA: Final = (
    f"{POSTGRES}/migrations/",
    f"{POSTGRES}/engine/",
    f"{POSTGRES}/schema.py",
)
READ_BEFORE: Final = 98
"""The runner's word for: a changed module had been read unchanged. pytest was not begun."""

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
        self._read: set[str] = set()

    def read(self, root: Path, names: Sequence[str], *, libraries: Sequence[str]) -> None:
        """Have it read modules of the tree at *root* that it has not read, or raise ``NothingProved``."""
        if new := [name for name in names if name not in self._read]:
            self._ask({"root": str(root), "libraries": list(libraries), "modules": new})
            self._read.update(new)

    def run(
        self, root: Path, tests: Sequence[str], told: Path, *, changed: Sequence[str], server: str
    ) -> int:
        """
        Return pytest's exit code, or raise ``NothingProved`` when there is none in time.

        The *changed* modules may not have been read. The tests use the PostgreSQL at *server* for what
        they can empty, or servers of their own if it is empty.
        """
        asked = {"root": str(root), "tests": list(tests), "told": str(told)}
        return int(self._ask(asked | {"changed": list(changed), "environ": {LENT_SERVER: server}}))

    def _ask(self, asked: Mapping[str, object]) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
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
        return answer

    def end(self) -> None:
        """End it with all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


@dataclass(slots=True)
class Copy:
    """A copy of the tree. The tree itself is never written to."""

    root: Path
    server: str = ""
    """The URL of a PostgreSQL for the tests of this copy, if any."""
    runner: Runner = field(default_factory=Runner)
    _written: int = 0

    @classmethod
    def made_in(cls, folder: Path, *, server: str) -> Self:
        folder.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "node_modules")
                shutil.copytree(source, folder / name, ignore=ignored)
            else:
                shutil.copy2(source, folder / name)
        return cls(folder, server)

    def missed(self, mutation: Mutation, reading: Reading) -> frozenset[str]:
        """
        Return which tests fail in this copy without the safeguard.

        Raises ``DoesNotApply`` where the text to take out is not there, and ``NothingProved``.
        """
        changed = mutation.applied_in(self.root)
        kept = {path: path.read_text(encoding="utf-8") for path in changed}
        self.runner.read(self.root, reading.before(mutation), libraries=reading.libraries)
        try:
            for path, text in changed.items():
                self._write(path, text)
            return self._failing(mutation.caught_by, mutation)
        finally:
            for path, text in kept.items():
                self._write(path, text)

    def failing(self, tests: Sequence[str]) -> frozenset[str]:
        """Run *tests* in this copy and return those that fail, one with cases if any of them does."""
        return self._failing(tests)

    def _failing(self, tests: Sequence[str], mutation: Mutation | None = None) -> frozenset[str]:
        told = self.root / "told.txt"
        code = self.runner.run(
            self.root,
            tests,
            told,
            changed=changed_modules(mutation) if mutation else (),
            server="" if mutation and changes_schema(mutation) else self.server,
        )
        if code == READ_BEFORE:
            raise NothingProved("what is changed had been read before")
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


def changes_schema(mutation: Mutation) -> bool:
    """Whether a migrated database comes out otherwise, so that one made before will not do."""
    return any(
        edit.file.startswith(MAKES_THE_SCHEMA) or edit.file.endswith("tables.py")
        for edit in mutation.edits
    )
