"""The command line loads only what a command needs, by imports that the type checker reads."""

import ast
import json
import os
import re
import resource
import subprocess
import sys
from typing import Final

import pytest

from architecture.sources import SRC, place_of, python_files, tree_of

PROCESS_SECONDS_MAX: Final = 0.4
"""Processor time, user and system, of a whole child process; an operator types these often."""

HEAVY: Final = frozenset(
    {
        *("advanced_alchemy", "aiosmtplib", "alembic", "asyncpg", "cryptography", "dependency_injector"),
        *("granian", "httpx", "jinja2", "jwt", "litestar", "msgspec", "obstore", "pyotp", "redis", "segno"),
        *("sqlalchemy", "structlog", "taskiq", "typst", "xlsxwriter"),
    }
)  # fmt: skip

PROCESS_MAINS: Final = frozenset(
    {
        "entrypoints.wiring.http_process:app",  # granian starts its workers by it
        "entrypoints.cli.main",  # python -m, by the demo
        "entrypoints.mailbox",
        "entrypoints.simulator",
    }
)
"""Modules of ours that a process of its own is started by; nothing else is named by a string."""

OURS: Final = re.compile(r"(domain|ports|application|adapters|entrypoints)\.[a-z_.]*(:.*)?")


def child(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with *words* on the sources of this tree."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(  # noqa: S603 - our own interpreter and sources
        [sys.executable, *words],
        env=environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )


def seconds_of(*words: str) -> float:
    """Return the processor time, user and system, that a child process with *words* took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_command_line_loads_no_heavy_library() -> None:
    """
    Whatever takes its time to import is imported by the command that needs it.
    """
    code = "import json, sys, entrypoints.cli.main; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(child("-c", code).stdout)}

    assert "rich_click" in loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize("words", [["--help"], ["demo", "--help"]], ids=" ".join)
def test_help_comes_at_once(words: list[str]) -> None:
    """
    The best of three, for a first run also compiles, and other work disturbs the caches.
    """
    command = ["-m", "entrypoints.cli.main", *words]

    assert any(seconds_of(*command) < PROCESS_SECONDS_MAX for _ in range(3))


def test_no_string_names_a_module() -> None:
    """
    A module that only a string names is one that a rename loses and the type checker never sees.
    """
    named = {
        (place_of(path), node.value)
        for path in python_files(SRC)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and OURS.fullmatch(node.value)
    }

    assert {name for _, name in named} == PROCESS_MAINS, named


def test_nothing_is_imported_by_a_computed_name() -> None:
    """
    ``import_module`` would hide from the type checker, and from the contracts of the imports.
    """
    computed = [
        place_of(path)
        for path in python_files(SRC)
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Name) and node.id in {"import_module", "__import__"})
        or (isinstance(node, ast.Attribute) and node.attr == "import_module")
    ]

    assert not computed
