"""Take safeguards out one after the other, each in a process of its own, and live until a life shows it."""

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from mutation.lives import LivesTried, keep, lives_tried, name_of
from mutation.record import Mutation, Safeguard
from simulation.mutated import exchange, take_out

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
    """
    Yield what comes of each trial as it ends.

    First come those of which only functions differ: they are forked from a process in which all is built already. For
    the others everything is read anew.
    """
    trials = {
        (name := name_of(safeguard, each)): Trial(
            name=name, mutation=each, start=start, seeds=seeds
        )
        for safeguard, each in safeguards
    }
    import_module(LIVES).house()
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
        for name, tried in pool.imap_unordered(_exchanged, trials.values(), chunksize=1):
            if tried is not None:
                del trials[name]
                yield tried
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_read_anew, trials.values(), chunksize=1)


def keep_all(tried: Iterator[Tried]) -> Iterator[Tried]:
    """Pass on what was *tried*, and keep each figure at once."""
    for each in tried:
        if each.lives is not None:
            keep({**lives_tried(), each.name: each.lives})
        yield each


def _exchanged(trial: Trial) -> tuple[str, Tried | None]:
    return trial.name, _lived(trial) if exchange(trial.mutation) else None


def _read_anew(trial: Trial) -> Tried:
    try:
        take_out(trial.mutation)
        import_module(LIVES).house()
    except Exception as trouble:  # noqa: BLE001 - told, and the next one is tried
        return Tried(name=trial.name, lives=None, said=f"{type(trouble).__name__}: {trouble}")
    return _lived(trial)


def _lived(trial: Trial) -> Tried:
    lived = import_module(LIVES).lived
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
