"""
An interpreter that reads what does not change once, and has a child of its own run the tests each time it is asked.

Most of a short run of pytest is reading: the libraries, which are read at the start, and our own modules. A line of
JSON on standard input names a tree and the modules of it to read now, from then on for every child; the answer is
an empty line. Or it names a tree, its tests, a file for what they say and the modules that were changed; the answer
is pytest's exit code.
"""

import gc
import importlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Any, Final

import pytest

LIBRARIES: Final = (
    *(
        "hypothesis.strategies",
        "litestar.testing",
        "litestar.openapi",
        "pyexpat",
        "alembic.command",
    ),
)
"""What the tests use beside what our modules import."""

OPTIONS: Final = (
    *("-q", "--tb=no", "-rf", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:pytest_cov"),
    # Plugins that are read before pytest begins cannot have their asserts rewritten; they need not.
    *("-p", "no:schemathesis", "-p", "no:faker", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
SOURCES: Final = ("src", "tests")
CRASHED: Final = 99
READ_BEFORE: Final = 98
"""Answered where a changed module had been read unchanged: its tests would not see the change."""


def main() -> None:
    """Serve until standard input ends."""
    for plugin in entry_points(group="pytest11"):
        if f"no:{plugin.name}" not in OPTIONS:
            plugin.load()
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _in_a_child(asked) if "tests" in asked else _read(**asked)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


class Verdict:
    """
    A plugin that keeps what the tests came to.

    A test that fails may leave a connection behind; what pytest says of it after the session, as an
    error of its own, does not undo that the test has failed.
    """

    code: int | None = None

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.code = int(exitstatus)


def _read(root: str, libraries: Sequence[str], modules: Sequence[str]) -> str:
    os.chdir(root)
    sys.path[:0] = [each for name in SOURCES if (each := f"{root}/{name}") not in sys.path]
    with warnings.catch_warnings(action="ignore"):
        for name in libraries:
            with suppress(ImportError):
                importlib.import_module(name)
        for name in modules:
            _read_from(root, name)
    return ""


def _read_from(root: str, name: str) -> None:
    file = importlib.import_module(name).__file__
    if file is not None and not file.startswith(f"{root}/"):
        # An editable installation is found where the tree has no such module, and is another tree.
        raise ImportError(f"{name} was read from {file}")


def _in_a_child(asked: dict[str, Any]) -> int:
    if any(name in sys.modules for name in asked["changed"]):
        return READ_BEFORE
    # What stays to the end is not looked through, and so not copied, by any child.
    gc.freeze()
    child = os.fork()
    if child == 0:
        os.environ |= asked["environ"]
        _run(asked["root"], asked["tests"], asked["told"])
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(root: str, tests: Sequence[str], told: str) -> None:
    code = CRASHED
    verdict = Verdict()
    try:
        os.chdir(root)
        told_to = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(told_to, 1)
        os.dup2(told_to, 2)
        code = int(pytest.main([*OPTIONS, *tests], plugins=[verdict]))
    except BaseException:  # noqa: BLE001 - whatever it is, the parent waits for a code
        traceback.print_exc()
        if verdict.code == pytest.ExitCode.TESTS_FAILED:
            code = verdict.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
