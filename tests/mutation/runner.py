"""
An interpreter that reads what is not ours once, and has a child of its own run the tests each time it is asked.

Most of a short run of pytest is reading libraries. A line of JSON on standard input names a tree, its
tests, and a file for what they say; the answer is pytest's exit code on a line.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import pytest

LIBRARIES: Final = (
    *("pytest", "hypothesis.strategies", "sqlalchemy.ext.asyncio", "asyncpg", "msgspec", "httpx"),
    *("litestar", "litestar.testing", "litestar.openapi", "advanced_alchemy.base", "alembic"),
    *("dependency_injector.containers", "jwt", "jinja2", "cryptography", "redis.asyncio", "taskiq"),
)
OPTIONS: Final = (
    *("-q", "--tb=no", "-rf", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:cov"),
    # Plugins that are read before pytest begins cannot have their asserts rewritten; they need not.
    *("-p", "no:schemathesis", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
CRASHED: Final = 99


def main() -> None:
    """Serve until standard input ends."""
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(asked["root"], asked["tests"], asked["told"])
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
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
