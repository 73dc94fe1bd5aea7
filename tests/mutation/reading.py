"""
Which of our modules an interpreter may have read before a mutant, so that its tests need not read them again.

Everything in ``src``, and what the tests share, is put into one order, in which a module stands behind all that it
imports. A mutant whose first changed module is at some place in that order leaves all before it as it was. So the
mutants are tried in that order, and the interpreter reads on from one to the next.
"""

import ast
import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from mutation.record import Mutation

SOURCES: Final = "src"
SHARED: Final = ("fakes.", "worlds.", "contracts.", "samples.", "simulator.")
"""The folders of ``tests`` with modules that several tests import; of the others only what these import is read."""

BY_PATH: Final = frozenset({"migrations", "__main__.py"})
"""What is run or loaded by its path, and never imported by its name."""


class Reading:
    """Our modules in the order in which they are read."""

    def __init__(self, modules: Sequence[str], libraries: Sequence[str]) -> None:
        self.libraries = libraries
        self._modules = modules
        self._places = {module: place for place, module in enumerate(modules)}

    @classmethod
    def of(cls, root: Path, mutations: Iterable[Mutation]) -> Self:
        """Return the order for the tree at *root* in which much stands before each of *mutations*."""
        files = dict(_modules_of(root))
        named = {name: set(_named_on_import(path)) for name, path in files.items()}
        ours = {
            name: (files.keys() & _with_packages({name, *names})) - {name}
            for name, names in named.items()
        }
        changed = Counter(name for each in mutations for name in changed_modules(each))
        shared = {name for name in files if name.startswith(SHARED)}
        read = _with_imported(ours, shared | dict(_modules_in(root / SOURCES)).keys())
        packages = {name.partition(".")[0] for name in files} | {"__future__"}
        foreign = {
            other
            for name in read
            for other in named[name]
            if other.partition(".")[0] not in packages
        }
        return cls(list(_in_order({name: ours[name] for name in read}, changed)), sorted(foreign))

    def before(self, mutation: Mutation) -> Sequence[str]:
        """Return the modules that can be read before *mutation*: none, where it changes what is no module."""
        return self._modules[: self.place_of(mutation)]

    def place_of(self, mutation: Mutation) -> int:
        """Return how many modules can be read before *mutation*."""
        changed = changed_modules(mutation)
        if len(changed) < len(mutation.edits):
            return 0
        return min(self._places.get(name, 0) for name in changed)


def changed_modules(mutation: Mutation) -> list[str]:
    """Return the names of the modules that *mutation* changes; what else it changes has none."""
    paths = [Path(edit.file) for edit in mutation.edits]
    return [
        _name_of(path.relative_to(SOURCES))
        for path in paths
        if path.parts[0] == SOURCES and path.suffix == ".py"
    ]


def _modules_of(root: Path) -> Iterator[tuple[str, Path]]:
    yield from _modules_in(root / "tests")
    yield from _modules_in(root / SOURCES)


def _modules_in(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.py")):
        # pytest reads its own files by their paths, to rewrite their asserts.
        if BY_PATH.isdisjoint(path.relative_to(folder).parts) and not path.name.startswith("test_"):
            yield _name_of(path.relative_to(folder)), path


def _with_imported(imported: Mapping[str, set[str]], names: Iterable[str]) -> set[str]:
    """Return *names* and all that they import, directly or not."""
    found: set[str] = set()
    ahead = set(names)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= imported[name] - found
    return found


def _name_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _named_on_import(path: Path) -> Iterator[str]:
    """Yield what the module at *path* names as it is imported; the last part may be no module."""
    for node in _run_on_import(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run_on_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _run_on_import(child)


def _with_packages(names: Iterable[str]) -> set[str]:
    """Return *names* and the packages that each lies in, which are imported before it."""
    parts = [name.split(".") for name in names]
    return {".".join(each[:length]) for each in parts for length in range(1, len(each) + 1)}


def _in_order(imported: Mapping[str, set[str]], changed: Mapping[str, int]) -> Iterator[str]:
    """Yield each module behind what it imports, and as far back as may be what many mutants change."""
    waits_for = {name: len(others) for name, others in imported.items()}
    importers: defaultdict[str, list[str]] = defaultdict(list)
    for name, others in imported.items():
        for other in others:
            importers[other].append(name)
    ready = [(changed.get(name, 0), name) for name, count in waits_for.items() if not count]
    heapq.heapify(ready)
    while ready:
        _, name = heapq.heappop(ready)
        yield name
        for importer in importers[name]:
            waits_for[importer] -= 1
            if not waits_for[importer]:
                heapq.heappush(ready, (changed.get(importer, 0), importer))
