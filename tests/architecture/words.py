"""The words that names are made of, and the words of the glossary."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from architecture.sources import ROOT, SRC, classes_in, python_files, tree_of

GLOSSARY: Final = ROOT / "docs" / "glossary.md"
TERM_WORDS_MAX: Final = 5
ONE_FORM: Final = frozenset({"series", "news", "does", "heads"})
WORD: Final = re.compile(r"[A-Z]\d[A-Z]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
ROW: Final = re.compile(
    r"^- \*\*(?P<term>[^*]+)\*\*(?: \((?P<forms>[^)]+)\))?: (?P<meaning>.+?)(?P<places>(?:,? `[^`]+`)+)$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One term of the glossary; *forms* are other forms of the same word."""

    section: str
    term: str
    forms: tuple[str, ...]
    meaning: str
    places: tuple[str, ...]

    @property
    def spellings(self) -> Iterator[tuple[str, ...]]:
        return (words_of(each) for each in (self.term, *self.forms))


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in CamelCase, snake_case, kebab-case or plain text, in lower case."""
    return tuple(word.lower() for word in WORD.findall(name))


def singular(word: str) -> str:
    """Return *word* without the ending of a plural, as far as our words need it."""
    if word in ONE_FORM:
        return word
    if word.endswith("ies") and len(word) > len("ties"):
        return f"{word[:-3]}y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def glossary() -> tuple[Row, ...]:
    """Return every row of ``docs/glossary.md``; a row that has another form is an error."""
    rows = []
    for section in GLOSSARY.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        for text in re.findall(r"^- .*(?:\n  .*)*", body, re.MULTILINE):
            read = ROW.match(" ".join(text.split()))
            if read is None:
                raise ValueError(f"no row of the glossary: {text}")
            forms = tuple(read["forms"].split(", ")) if read["forms"] else ()
            places = tuple(re.findall(r"`([^`]+)`", read["places"]))
            rows.append(Row(heading, read["term"], forms, read["meaning"], places))
    return tuple(rows)


def uncovered(
    words: Sequence[str], terms: frozenset[tuple[str, ...]], plain: frozenset[str]
) -> list[str]:
    """Return the words of a name that are part of no term, after taking the longest terms first."""
    left, at = [], 0
    while at < len(words):
        for length in range(min(TERM_WORDS_MAX, len(words) - at), 0, -1):
            run = tuple(map(singular, words[at : at + length]))
            if run in terms or (length == 1 and words[at] in plain):
                at += length
                break
        else:
            left.append(words[at])
            at += 1
    return left


def names_contain(name: Sequence[str], term: Sequence[str]) -> bool:
    """Tell whether the words *term* follow each other in *name*."""
    said = tuple(map(singular, name))
    return any(
        said[start : start + len(term)] == tuple(term) for start in range(len(said) - len(term) + 1)
    )


def public_classes(*folders: Path) -> dict[str, ast.ClassDef]:
    """Return the public classes in *folders* by ``module: Name``."""
    return {
        f"{'.'.join(path.relative_to(SRC).with_suffix('').parts)}: {each.name}": each
        for path in python_files(*folders)
        for each in classes_in(path)
        if not each.name.startswith("_") and each in tree_of(path).body
    }


def is_enum(node: ast.ClassDef) -> bool:
    return any(ast.unparse(parent).endswith("Enum") for parent in node.bases)


def members_of(node: ast.ClassDef) -> list[str]:
    """Return the names of an enum's members."""
    return [
        target.id
        for each in node.body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    ]


def public_names(path: Path) -> Iterator[str]:
    """Yield the public names that a module defines: classes, functions, methods, constants, fields."""
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.ClassDef(name=name, body=body):
                found = [name, *_assigned(body)]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found = [name]
            case ast.Module(body=body):
                found = [*_assigned(body)]
            case _:
                found = []
        yield from (each for each in found if not each.startswith("_"))


def _assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    for each in body:
        targets = each.targets if isinstance(each, ast.Assign) else []
        if isinstance(each, ast.AnnAssign):
            targets = [each.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def in_order(rows: Sequence[str]) -> bool:
    """Tell whether *rows* stand in alphabetical order."""
    return all(before.lower() <= after.lower() for before, after in pairwise(rows))
