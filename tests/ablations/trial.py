"""Taking a safeguard out of a copy of the tree, and seeing which tests notice."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from ablations.record import ROOT, Ablation

COPIED: Final = ("src", "tests", "docs", "pyproject.toml", ".env.example", "README.md")
SECONDS_MAX: Final = 300
RAN: Final = frozenset({0, 1})
"""pytest's exit codes for: all passed, and: some failed. Anything else proves nothing."""

_FAILED: Final = re.compile(r"^FAILED (tests/\S+?::[^\s\[]+)", re.MULTILINE)


class NothingProved(Exception):
    """The tests did not run to their end, so that neither passing nor failing was seen."""


@dataclass(slots=True)
class Copy:
    """A copy of the tree. The tree itself is never written to."""

    root: Path
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

    def missed(self, ablation: Ablation) -> frozenset[str]:
        """
        Return which tests fail in this copy without the safeguard.

        Raises ``DoesNotApply`` where the text to take out is not there, and ``NothingProved``.
        """
        changed = ablation.applied_in(self.root)
        kept = {path: path.read_text(encoding="utf-8") for path in changed}
        try:
            for path, text in changed.items():
                self._write(path, text)
            return self.failing(ablation.caught_by)
        finally:
            for path, text in kept.items():
                self._write(path, text)

    def failing(self, tests: Sequence[str]) -> frozenset[str]:
        """Run *tests* in this copy and return those that fail, without the names of their cases."""
        command = (
            *(sys.executable, "-m", "pytest", "-q", "--tb=no", "-rf"),
            *("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:cov"),
            *("-p", "no:schemathesis", *tests),
        )
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        try:
            run = subprocess.run(  # noqa: S603 - our own tests
                command,
                cwd=self.root,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NothingProved(f"no end within {SECONDS_MAX} seconds") from None
        if run.returncode not in RAN:
            raise NothingProved(f"pytest ended with {run.returncode}\n{run.stdout[-2000:]}")
        return frozenset(_FAILED.findall(run.stdout))

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        # Two versions of one length within one second would share their compiled form.
        self._written += 1
        moment = time.time() + self._written * 10
        os.utime(path, (moment, moment))
