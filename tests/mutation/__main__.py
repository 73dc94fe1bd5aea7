"""``make mutants``: take out each safeguard in turn, and tell which tests noticed."""

import argparse
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Final, Self

from entrypoints.cli.embedded import embedded_postgres
from mutation.lives import lives_tried
from mutation.mutant import Copy, NothingProved
from mutation.page import PLACE, safeguards_page
from mutation.reading import Reading
from mutation.record import ROOT, DoesNotApply, Mutation, Safeguard, safeguards

AT_ONCE: Final = 3
"""More than a small machine has processors: some tests wait."""

MARGIN: Final = " " * 12


@dataclass(frozen=True, slots=True)
class Outcome:
    safeguard: Safeguard
    mutation: Mutation
    missed: frozenset[str] = frozenset()
    trouble: str = ""

    @property
    def silent(self) -> list[str]:
        """The tests on record that noticed nothing."""
        return [test for test in self.mutation.caught_by if test not in self.missed]

    @property
    def caught(self) -> bool:
        return not self.trouble and not self.silent

    def __str__(self) -> str:
        verdict = "caught    " if self.caught else "NOT CAUGHT"
        lines = [f"{verdict}  {self.safeguard.name}: {self.mutation.without}"]
        lines += [f"{MARGIN}by {test}" for test in sorted(self.missed)]
        lines += [f"{MARGIN}{self.trouble}"] if self.trouble else []
        lines += [f"{MARGIN}NOT by {test}" for test in self.silent if not self.trouble]
        return "\n".join(lines)


class Workshop:
    """
    A copy of the tree for each of the threads that run trials, with a PostgreSQL if *servers* is true.

    A thread keeps its copy. So each copy sees the trials in their order, and reads on from one to the next.
    """

    def __init__(self, reading: Reading, *, servers: bool) -> None:
        self._reading = reading
        self._servers = servers
        self._copies: SimpleQueue[Copy] = SimpleQueue()
        self._mine = threading.local()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as closing:
            folder = Path(closing.enter_context(TemporaryDirectory(prefix="mutation-")))
            for number in range(AT_ONCE):
                data = folder / f"postgres-{number}"
                server = closing.enter_context(embedded_postgres(data)) if self._servers else ""
                copy = Copy.made_in(folder / f"copy-{number}", server=server)
                closing.callback(copy.runner.end)
                self._copies.put(copy)
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def begin_thread(self) -> None:
        """Give the thread that calls it a copy of its own."""
        self._mine.copy = self._copies.get_nowait()

    def try_out(self, safeguard: Safeguard, mutation: Mutation) -> Outcome:
        copy: Copy = self._mine.copy
        try:
            return Outcome(safeguard, mutation, copy.missed(mutation, self._reading))
        except (DoesNotApply, NothingProved) as trouble:
            return Outcome(safeguard, mutation, trouble=str(trouble))

    def failing_anyway(self, tests: Sequence[str]) -> frozenset[str]:
        copy: Copy = self._mine.copy
        return copy.failing(tests)


def main() -> int:
    """Return 0 when every safeguard is missed by every test on record for it."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only safeguards whose name holds one of these")
    parser.add_argument("--page", action="store_true", help=f"write {PLACE} and end")
    asked = parser.parse_args()
    record = safeguards()
    if asked.page:
        (ROOT / PLACE).write_text(safeguards_page(record, lives_tried()), encoding="utf-8")
        return 0
    chosen = [each for each in record if _is_meant(each, asked.words)]
    trials = [(safeguard, each) for safeguard in chosen for each in safeguard.mutations]
    reading = Reading.of(ROOT, [mutation for _, mutation in trials])
    # What is read for one is read for all that come after it.
    trials.sort(key=lambda trial: reading.place_of(trial[1]))
    tests = sorted({test for _, each in trials for test in each.caught_by})
    with Workshop(reading, servers=not all(map(_is_pure, tests))) as workshop:
        return _try_all(trials, tests, workshop)


def _try_all(
    trials: Sequence[tuple[Safeguard, Mutation]], tests: Sequence[str], workshop: Workshop
) -> int:
    with ThreadPoolExecutor(AT_ONCE, initializer=workshop.begin_thread) as pool:
        # A test that fails on the untouched tree notices nothing by failing.
        shares = pool.map(workshop.failing_anyway, _shares(tests))
        outcomes = pool.map(lambda trial: workshop.try_out(*trial), trials)
        if failing := sorted(frozenset[str]().union(*shares)):
            sys.stdout.write(f"fail on the untouched tree: {', '.join(failing)}\n")
        caught = 0
        for outcome in outcomes:
            sys.stdout.write(f"{outcome}\n")
            sys.stdout.flush()
            caught += outcome.caught
    sys.stdout.write(f"{caught} of {len(trials)} caught\n")
    return 0 if trials and caught == len(trials) and not failing else 1


def _shares(tests: Sequence[str]) -> Iterator[Sequence[str]]:
    # By file, so that each share starts its own servers once.
    files = sorted({test.partition("::")[0] for test in tests})
    for share in range(AT_ONCE):
        mine = set(files[share::AT_ONCE])
        if found := [test for test in tests if test.partition("::")[0] in mine]:
            yield found


def _is_pure(test: str) -> bool:
    return test.startswith("tests/unit/")


def _is_meant(safeguard: Safeguard, words: Sequence[str]) -> bool:
    return not words or any(word.lower() in safeguard.name.lower() for word in words)


if __name__ == "__main__":
    sys.exit(main())
