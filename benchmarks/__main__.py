"""``make bench``: every measurement in one run, each beside its floor; one of ``ALONE`` by itself."""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping
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


async def side_by_side_lines(folder: Path, url: str, redis_url: str) -> list[str]:
    async with measured_deployment(folder, url, redis_url) as measured:
        stage = await side_by_side.staged(measured)
        return side_by_side.lines(await side_by_side.measure(stage))


async def without_http(_folder: Path, url: str, _redis_url: str) -> list[str]:
    ours, bare = await settling.measure(url)
    found = [mine / floor for mine, floor in zip(ours, bare, strict=True)]
    return [
        f"settle without HTTP and inbox: use case {median(ours):.0f} /s,",
        f"bare driver {median(bare):.0f} /s, ratio {median(found):.2f} ({min(found):.2f} to {max(found):.2f})",
    ]


async def full_and_empty(_folder: Path, url: str, _redis_url: str) -> list[str]:
    return await fullness.measure(url)


Asked = Callable[[Path, str, str], Coroutine[None, None, list[str]]]


def on_new_servers(measure: Asked) -> Callable[[], list[str]]:
    """Let *measure* have a PostgreSQL and a Valkey that nobody used before."""

    def measured() -> list[str]:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,
            parts(Path(kept)) as (at, redis_at),
        ):
            return asyncio.run(measure(Path(kept), at, redis_at))

    return measured


ALONE: Final[Mapping[str, Callable[[], list[str]]]] = {
    "trips": on_new_servers(side_by_side_lines),
    "settling": on_new_servers(without_http),
    "fullness": on_new_servers(full_and_empty),
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
    for name in wanted or ALONE:
        print("\n".join(ALONE[name]()) + "\n")


# The documents are made in processes that import this module once more.
if __name__ == "__main__":
    main(*sys.argv[1:])
