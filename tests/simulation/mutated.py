"""The service without one of its safeguards, in this process alone: no file is written."""

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
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
