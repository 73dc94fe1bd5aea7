"""
Every statement of this release, and those that earlier releases were released with, by their newest migration.

``python -m samples.released.statements`` writes those of this release, when it is made.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Final

from adapters import postgres
from adapters.postgres import schema
from adapters.postgres.documents.documents import NUMBERED
from adapters.postgres.engine.statements import Prepared

RELEASED: Final = Path(__file__).parent
ISSUED_BESIDE: Final = f"WITH {NUMBERED} AS (SELECT last FROM document_number) "  # noqa: S608 - our own words


def statements() -> dict[str, str]:
    """Return the SQL that the modules of the storage hold, each under the place where it stands."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(postgres.__path__, "adapters.postgres."):
        if ".migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, each in enumerate(_statements_in(value)):
                # A document takes its number from a statement beside its own.
                beside = ISSUED_BESIDE if f"FROM {NUMBERED}" in each.sql else ""
                found.setdefault(f"{beside}{each.sql}", f"{module.name}.{name}.{number}")
    return {place: sql for sql, place in found.items()}


def released() -> dict[str, dict[str, str]]:
    """Return the statements of each earlier release, by its newest migration."""
    return {
        each.stem: json.loads(each.read_text(encoding="utf-8"))
        for each in sorted(RELEASED.glob("*.json"))
    }


def _statements_in(value: object) -> Iterator[Prepared]:
    if isinstance(value, Prepared):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _statements_in(each)
    elif isinstance(value, tuple | list | frozenset):
        held: Iterable[object] = value
        for each in held:
            yield from _statements_in(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _statements_in(getattr(value, one.name))


def main() -> None:
    told = json.dumps(statements(), indent=0, sort_keys=True)
    (RELEASED / f"{schema.revisions()[-1]}.json").write_text(f"{told}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
