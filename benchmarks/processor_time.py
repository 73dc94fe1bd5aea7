"""How long processes and all that they started have kept a processor busy, as the kernel tells it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


def processor_seconds(root: int) -> float:
    """Return the user and system seconds of *root*, its living descendants, and its buried children."""
    stats = _stats()
    family, found = {root}, True
    while found:
        found = False
        for pid, (parent, _, _) in stats.items():
            if parent in family and pid not in family:
                family.add(pid)
                found = True
    own = sum(stats[pid][1] for pid in family if pid in stats)
    return (own + (stats[root][2] if root in stats else 0)) / TICKS_PER_SECOND


def lasting_seconds(root: int) -> dict[int, float]:
    """Return by process how long *root* and each that it started were busy, to a millionth; each has one thread."""
    family = {root, *(pid for pid, (parent, _, _) in _stats().items() if parent == root)}
    found = {}
    for pid in family:
        with suppress(FileNotFoundError, ProcessLookupError):
            found[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return found


def seconds_between(before: dict[int, float], after: dict[int, float]) -> float:
    """Return how long those were busy that were there at both times: not what came and went beside them."""
    return sum(after[pid] - before[pid] for pid in before.keys() & after.keys())


def _stats() -> dict[int, tuple[int, int, int]]:
    """Return by process its parent, its own ticks, and those of its children that have ended."""
    stats = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # The name in brackets may hold blanks; the numbers follow the last bracket.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            stats[int(folder.name)] = (
                int(fields[1]),
                int(fields[11]) + int(fields[12]),
                int(fields[13]) + int(fields[14]),
            )
    return stats
