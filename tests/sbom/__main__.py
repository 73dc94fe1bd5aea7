"""``make sbom``: write the software bill of materials to a file."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sbom.bill import LOCK, PROJECT, bill_of_materials

EPOCH: Final = "SOURCE_DATE_EPOCH"
"""Seconds since 1970 that stand for now, as all tools of reproducible builds know it."""


def main(place: str) -> None:
    seconds = os.environ.get(EPOCH)
    at = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
    text = bill_of_materials(
        LOCK.read_text(encoding="utf-8"),
        PROJECT.read_text(encoding="utf-8"),
        at,
        fixed=seconds is not None,
    )
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    Path(place).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{place}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
