"""Our own source files, as the tests of architecture read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SRC: Final = ROOT / "src"


def python_files(*folders: Path) -> list[Path]:
    """Return every module in *folders*, in order."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def place_of(path: Path) -> str:
    """Return how a test names *path*."""
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def classes_in(path: Path) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef))


@cache
def imported_by(path: Path) -> frozenset[str]:
    """Return the dotted names that *path* imports, and the modules they come from."""
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)
