"""The command line loads only what a command needs, by imports that the type checker reads."""

import ast
import json
import os
import re
import subprocess
import sys
from typing import Final

from architecture.sources import SRC, place_of, python_files, tree_of

HEAVY: Final = frozenset(
    {
        *("advanced_alchemy", "aiosmtplib", "alembic", "asyncpg", "cryptography", "dependency_injector"),
        *("granian", "httpx", "jinja2", "jwt", "litestar", "msgspec", "obstore", "pyotp", "redis", "segno"),
        *("charset_normalizer", "mt940", "python_calamine"),
        *("opentelemetry", "prometheus_client", "sqlalchemy", "structlog", "taskiq", "typst", "xlsxwriter"),
        "zstandard",
    }
)  # fmt: skip

PROCESS_MAINS: Final = frozenset(
    {
        "entrypoints.cli.main",  # python -m, by the demo
        "entrypoints.mailbox",
        "entrypoints.platform",
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


def test_the_command_line_loads_no_heavy_library() -> None:
    """
    Whatever takes its time to import is imported by the command that needs it, so that help comes at once.

    How long that takes is measured by ``python -m benchmarks startup``.
    """
    code = "import json, sys, entrypoints.cli.main; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(child("-c", code).stdout)}

    assert "rich_click" in loaded
    assert not HEAVY & loaded


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
