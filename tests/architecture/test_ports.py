"""A port is one promise in one file, kept by a fake or tried by a contract."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from architecture.sources import ROOT, SRC, classes_in, imported_by, python_files

PORTS: Final = [path for path in python_files(SRC / "ports") if path.name != "__init__.py"]
SIDES_MAX: Final = 2
"""A port has one Protocol, or two where one side reads for itself and the other collects in a unit."""
UNIT: Final = re.compile(r"\w*Work|UnitOfWork")
METHODS_MAX: Final = 8
PARTS_MAX: Final = 16
"""A unit of work has a part for each thing that is kept; each part is a port of its own."""


def protocols_in(path: Path) -> list[ast.ClassDef]:
    return [
        each
        for each in classes_in(path)
        if any(_name(parent) == "Protocol" for parent in each.bases)
    ]


def _name(parent: ast.expr) -> str:
    """Return what a class is derived from, without what a generic one is given."""
    named = parent.value if isinstance(parent, ast.Subscript) else parent
    return named.id if isinstance(named, ast.Name) else ""


@pytest.mark.parametrize("path", PORTS, ids=lambda path: path.stem)
def test_a_port_file_holds_one_port(path: Path) -> None:
    """
    One Protocol, or the two sides of one thing; few methods; each with its promise.
    """
    protocols = protocols_in(path)

    assert len(protocols) >= 1
    # The unit of work groups its parts by package, with a Protocol for each group.
    assert path.stem == "unit_of_work" or len(protocols) <= SIDES_MAX
    for protocol in protocols:
        methods = [
            node
            for node in protocol.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        assert 1 <= len(methods) <= (PARTS_MAX if UNIT.fullmatch(protocol.name) else METHODS_MAX)
        said = [ast.get_docstring(node) for node in (protocol, *methods)]
        assert UNIT.fullmatch(protocol.name) or any(said), f"{protocol.name} promises nothing"


@pytest.mark.parametrize("path", PORTS, ids=lambda path: path.stem)
def test_a_port_has_a_fake_or_a_contract(path: Path) -> None:
    """
    A double of the same name or one that speaks the port's language, or a contract all must keep.
    """
    tests = ROOT / "tests"
    standing_in = [
        *(tests / "fakes").rglob("*.py"),
        *(tests / "contracts").rglob("*_contract.py"),
        *(SRC / "adapters" / "fake").glob("*.py"),
    ]

    name = ".".join(path.relative_to(SRC).with_suffix("").parts)
    assert any(path.stem == each.stem or name in imported_by(each) for each in standing_in)


def test_ports_speak_no_vendors_language() -> None:
    """
    No word of the bank's, of HTTP or of SQL names anything in a port.
    """
    foreign = ("hdfc", "juspay", "http", "sql", "postgres", "redis", "smtp")
    named = {
        f"{path.stem}.{getattr(node, 'name', getattr(node, 'arg', ''))}".lower()
        for path in PORTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.arg)
    }

    assert not {name for name in named if any(word in name for word in foreign)}
