"""
Live through seeds and look at what is left: ``python -m simulation --seeds 1000``, or one seed with its story.

Ends with 1 when a life went wrong; its story is told then, with the fewest events that make it go wrong.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

from simulation.life import Ended, House
from simulation.plan import drawn_plan
from simulation.report import Report
from simulation.shrinking import shrunk

TOLD_MAX: Final = 3
CHUNK: Final = 10

_house: House | None = None


def say(text: str) -> None:
    """Write *text* as a line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def house() -> House:
    """Return this process's house; to build one takes longer than many lives."""
    global _house  # noqa: PLW0603 - built before the processes of a pool are forked from this one
    if _house is None:
        _house = House()
    return _house


def lived(seed: int) -> tuple[Ended, float]:
    """Return the end of the life of *seed*, and the seconds of processor time that it took."""
    began = time.process_time()
    ended = house().live(drawn_plan(seed))
    return ended, time.process_time() - began


def all_of(seeds: Sequence[int], processes: int) -> Iterator[tuple[Ended, float]]:
    """Live through *seeds*, in any order."""
    if processes == 1:
        yield from map(lived, seeds)
        return
    house()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(lived, seeds, chunksize=CHUNK)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="tell the story of this one")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to live through")
    parser.add_argument("--start", type=int, default=1, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    if asked.seed is not None:
        return _one(asked.seed)
    report, took = Report(), 0.0
    for ended, seconds in all_of(range(asked.start, asked.start + asked.seeds), asked.processes):
        report.add(ended)
        took += seconds
        if ended.wrong and len(report.failed) <= TOLD_MAX:
            _tell(ended)
    say("\n".join(report.lines(took)))
    for seed, wrong in sorted(report.failed.items()):
        say(f"seed {seed}: {'; '.join(wrong)}")
    return 1 if report.failed else 0


def _one(seed: int) -> int:
    ended, _ = lived(seed)
    if ended.wrong:
        _tell(ended)
        return 1
    say("\n".join(ended.story))
    say(f"seed {seed} went well ({ended.digest[:16]})")
    return 0


def _tell(ended: Ended) -> None:
    """Tell the story of a life that went wrong, with as few events as it needs."""
    small = shrunk(ended, house().live)
    say(f"seed {ended.plan.seed} went wrong, after {small.lives} tries with these events alone:")
    for each in small.left:
        say(f"  {each}")
    say("\n".join(small.ended.story))
    for each in small.ended.wrong:
        say(f"WRONG: {each}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
