"""Take safeguards out one after the other, each in a process of its own, and live until a life shows it."""

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from mutation.lives import LivesTried, keep, lives_tried, name_of
from mutation.record import ROOT, Mutation, Safeguard
from simulation.mutated import take_out

OURS: Final = (str(ROOT / "src"), str(ROOT / "tests"))
LIVES: Final = "simulation.many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """*mutation* is taken out, and at most so many *seeds* from *start* on are lived through."""

    name: str
    mutation: Mutation
    start: int
    seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a trial, in words as well; without *lives* none could be lived."""

    name: str
    lives: LivesTried | None
    said: str


def try_all(
    safeguards: Sequence[tuple[Safeguard, Mutation]],
    *,
    start: int,
    seeds: int,
    processes: int,
) -> Iterator[Tried]:
    """Yield what comes of each trial as it ends. What all of them read besides our own code is read once."""
    trials = [
        Trial(name=name_of(safeguard, each), mutation=each, start=start, seeds=seeds)
        for safeguard, each in safeguards
    ]
    context = multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        grounds = pool.apply(grounds_of_lives)
    for each in grounds:
        with suppress(ImportError):
            import_module(each)
    with context.Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_tried, trials, chunksize=1)


def keep_all(tried: Iterator[Tried]) -> Iterator[Tried]:
    """Pass on what was *tried*, and keep each figure at once."""
    for each in tried:
        if each.lives is not None:
            keep({**lives_tried(), each.name: each.lives})
        yield each


def grounds_of_lives() -> list[str]:
    """Return which modules lives need that are not our own, by name; it is asked in a process that ends then."""
    import_module(LIVES)
    return [
        name
        for name, module in list(sys.modules.items())
        if (place := getattr(module, "__file__", None)) and not place.startswith(OURS)
    ]


def _tried(trial: Trial) -> Tried:
    try:
        take_out(trial.mutation)
        lived = import_module(LIVES).lived
    except Exception as trouble:  # noqa: BLE001 - told, and the next one is tried
        return Tried(name=trial.name, lives=None, said=f"{type(trouble).__name__}: {trouble}")
    for number, seed in enumerate(range(trial.start, trial.start + trial.seeds), 1):
        try:
            wrong = lived(seed)[0].wrong
        except Exception as trouble:  # noqa: BLE001 - a life that breaks off has gone wrong
            wrong = (f"{type(trouble).__name__}: {trouble}",)
        if wrong:
            said = f"found by life {number}, of seed {seed}: {wrong[0]}"
            return Tried(name=trial.name, lives=LivesTried(lives=number, found=True), said=said)
    said = f"not found in {trial.seeds} lives"
    return Tried(name=trial.name, lives=LivesTried(lives=trial.seeds, found=False), said=said)
