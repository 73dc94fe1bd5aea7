"""``make bench``: every measurement in one run, each beside its floor; one of ``ALONE`` by itself."""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import (
    archiving,
    documents,
    fullness,
    invariants,
    pages,
    sealing,
    settlements,
    settling,
    side_by_side,
    startup,
)
from benchmarks.deployment import measured_deployment, parts


async def run(folder: Path, url: str, redis_url: str) -> None:
    async with measured_deployment(folder, url, redis_url) as measured:
        stage = await side_by_side.staged(measured)
        print("\n".join(side_by_side.lines(await side_by_side.measure(stage))))
    ours, bare = await settling.measure(url)
    found = [mine / floor for mine, floor in zip(ours, bare, strict=True)]
    print(
        f"settle without HTTP and inbox: use case {median(ours):.0f} /s, bare driver {median(bare):.0f} /s,"
        f" ratio {median(found):.2f} ({min(found):.2f} to {max(found):.2f})\n"
    )
    print("\n".join(await fullness.measure(url)))


ALONE: Final = {
    "documents": documents.measure,
    "startup": startup.measure,
    "invariants": invariants.measure,
    "pages": pages.measure,
    "settlements": settlements.measure,
    "sealing": sealing.measure,
    "archiving": archiving.measure,
}


def main(*wanted: str) -> None:
    """Measure all, or only what is *wanted*."""
    if not wanted:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,
            parts(Path(kept)) as (at, redis_at),
        ):
            asyncio.run(run(Path(kept), at, redis_at))
        print()
    for name in wanted or ALONE:
        print("\n".join(ALONE[name]()))


# The documents are made in processes that import this module once more.
if __name__ == "__main__":
    main(*sys.argv[1:])
