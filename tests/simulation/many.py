"""Many lives one after the other, in as many processes as there are processors, and what is said of them."""

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
CHUNK: Final = 5

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
    """Live through *seeds*; the ends come in their order."""
    house()
    if processes == 1:
        yield from map(lived, seeds)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap(lived, seeds, chunksize=CHUNK)


def live_through(start: int, seeds: int, processes: int) -> int:
    """Report what *seeds* lives from *start* on come to, and return 1 if one of them went wrong."""
    report, took = Report(), 0.0
    for ended, seconds in all_of(range(start, start + seeds), processes):
        report.add(ended)
        took += seconds
        if ended.wrong and len(report.failed) <= TOLD_MAX:
            _tell(ended)
    say("\n".join(report.lines(took)))
    for seed, wrong in sorted(report.failed.items()):
        say(f"seed {seed}: {'; '.join(wrong)}")
    return 1 if report.failed else 0


def one(seed: int) -> int:
    """Tell the story of *seed*, and return 1 if it went wrong."""
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
