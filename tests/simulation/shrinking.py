"""From a life that failed to the fewest events that still make it fail."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from simulation.life import Ended
from simulation.plan import Plan

LIVES_MAX: Final = 150
_NAMES: Final = re.compile(r"[A-Z0-9]{12,}|[0-9a-f]{12,}|\d+")


@dataclass(frozen=True, slots=True)
class Shrunk:
    """*ended* is the smallest life that was found, after so many *lives*; *left* are the events that it needs."""

    ended: Ended
    left: tuple[str, ...]
    lives: int


def kinds_of(wrong: Sequence[str]) -> frozenset[str]:
    """Return what is wrong without the names of orders and events in it."""
    return frozenset(_NAMES.sub("…", each) for each in wrong)


def shrunk(first: Ended, live: Callable[[Plan], Ended]) -> Shrunk:
    """
    Return the life of *first* with as few of its events as still go wrong in the same way.

    Events are visits, deaths and faults. Half of them are left out at first, then ever smaller parts.
    """
    wanted, best, lives = kinds_of(first.wrong), first, 0
    left = _events(first)
    part = max(len(left) // 2, 1)
    while lives < LIVES_MAX:
        for at in range(0, len(left), part):
            without = best.plan.left_out | set(left[at : at + part])
            ended = live(replace(best.plan, left_out=frozenset(without)))
            lives += 1
            if kinds_of(ended.wrong) & wanted:
                best, left = ended, _events(ended)
                break
            if lives >= LIVES_MAX:
                break
        else:
            if part == 1:
                break
            part = max(part // 2, 1)
    return Shrunk(best, tuple(left), lives)


def _events(ended: Ended) -> list[str]:
    return [*(each.name for each in ended.plan.events()), *ended.injected]
