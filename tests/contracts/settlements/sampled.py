"""The twelve files with what exactly has to be read from them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "settlement"
STATEMENTS: Final = ("11-bank-statement.csv", "12-bank-statement.mt940")
REPORTS: Final = tuple(
    name
    for path in sorted(SAMPLES.glob("*.expected.json"))
    if (name := path.name.removesuffix(".expected.json")) not in STATEMENTS
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One file, its preset, and the ``parse`` part of what is expected."""

    name: str
    path: Path
    preset: str
    parse: dict[str, Any]


def sample(name: str) -> Sample:
    """Return the sample *name*."""
    told = json.loads((SAMPLES / f"{name}.expected.json").read_text(encoding="utf-8"))
    return Sample(name, SAMPLES / name, told["preset"], told["parse"])
