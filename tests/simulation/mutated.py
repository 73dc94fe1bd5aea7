"""The service without one of its safeguards, in this process alone: no file is written."""

import gc
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from inspect import CO_NEWLOCALS
from types import CodeType, FunctionType, ModuleType
from typing import Final

from mutation.record import ROOT, Mutation, Safeguard, safeguards

NOT_LIVED_IN: Final = (
    "src/adapters/postgres/",
    "src/adapters/redis/",
    "src/adapters/smtp/",
    "src/adapters/typst/",
)
"""Parts in whose place something else stands in a life."""


class AlreadyRead(Exception):
    """A module that is to be changed has been imported unchanged."""


def is_lived_in(mutation: Mutation) -> bool:
    """Whether what *mutation* changes is code that takes part in a life."""
    return all(
        each.file.startswith("src/")
        and each.file.endswith(".py")
        and not each.file.startswith(NOT_LIVED_IN)
        for each in mutation.edits
    )


def mutations_of(word: str) -> Sequence[tuple[Safeguard, Mutation]]:
    """Return the mutations whose safeguard or wording holds *word*, each with its safeguard."""
    return [
        (safeguard, mutation)
        for safeguard in safeguards()
        for mutation in safeguard.mutations
        if word.casefold() in f"{safeguard.name}: {mutation.without}".casefold()
        and is_lived_in(mutation)
    ]


def take_out(mutation: Mutation) -> None:
    """
    Import the modules that *mutation* changes as they are without the safeguard.

    Raises ``DoesNotApply``, and ``AlreadyRead`` when it is too late.
    """
    texts = {str(path): text for path, text in mutation.applied_in(ROOT).items()}
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) in texts:
            raise AlreadyRead(module.__name__)
    sys.meta_path.insert(0, _Finder(texts))


def exchange(mutation: Mutation) -> bool:
    """
    Let functions that were read already do what they do without the safeguard, and return whether that is possible.

    It is where nothing but the inside of functions differs. To read all modules anew takes longer than many lives.
    """
    changed: dict[tuple[str, str], CodeType] = {}
    for path, text in mutation.applied_in(ROOT).items():
        own = compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
        other = compile(text, str(path), "exec", dont_inherit=True)
        if not _differing(own, other, changed):
            return False
    gc.unfreeze()
    functions: dict[tuple[str, str], list[FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is FunctionType:
            place = (each.__code__.co_filename, each.__code__.co_qualname)
            if place in changed:
                functions.setdefault(place, []).append(each)
    gc.freeze()
    if not any(functions.get(place) for place in changed):
        return False
    try:
        for place, found in functions.items():
            for function in found:
                function.__code__ = changed[place]
    except ValueError:  # a closure over other names
        return False
    return True


def _differing(own: CodeType, other: CodeType, changed: dict[tuple[str, str], CodeType]) -> bool:
    """Collect the functions within *own* that *other* has in another way; return False where more than those differ."""
    mine, others = _parts(own), _parts(other)
    names = [each.co_qualname for each in mine]
    if names != [each.co_qualname for each in others]:
        return False
    if not _is_function(own) and _bare(own) != _bare(other):
        return False
    for name, one, another in zip(names, mine, others, strict=True):
        if (*_bare(one), _parts(one)) == (*_bare(another), _parts(another)):
            continue
        if _is_function(one):
            # Of several with one name, such as lambdas, nobody could say which is meant.
            if names.count(name) > 1 or (not _is_function(own) and "comp>" in name):
                return False
            changed[one.co_filename, one.co_qualname] = another
        if not _differing(one, another, changed):
            return False
    return True


def _parts(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & CO_NEWLOCALS)


def _bare(code: CodeType) -> tuple[object, ...]:
    """Return what the body of a module or class does, apart from its functions; lines of the file do not count."""
    constants = tuple(each for each in code.co_consts if not isinstance(each, CodeType))
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, names, constants)


class _Finder(MetaPathFinder):
    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target)
        origin = spec.origin if spec is not None else None
        if spec is None or origin is None or origin not in self._texts:
            return None
        spec.loader = _Loader(name, origin, self._texts[origin])
        return spec


class _Loader(SourceFileLoader):
    """Compiles the changed text; what was compiled of the unchanged one is not looked at."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.get_filename(fullname), "exec", dont_inherit=True)
