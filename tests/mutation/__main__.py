"""``make mutants``: take out each safeguard in turn, and tell which tests noticed."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Final

from mutation.mutant import Copy, NothingProved
from mutation.page import PLACE, safeguards_page
from mutation.record import ROOT, DoesNotApply, Mutation, Safeguard, safeguards

AT_ONCE: Final = 2
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
    """As many copies of the tree as trials run at once."""

    def __init__(self, folder: Path) -> None:
        self._copies = [Copy.made_in(folder / f"copy-{number}") for number in range(AT_ONCE)]
        self._free: SimpleQueue[Copy] = SimpleQueue()
        for copy in self._copies:
            self._free.put(copy)

    def shut(self) -> None:
        for copy in self._copies:
            copy.runner.end()

    def try_out(self, safeguard: Safeguard, mutation: Mutation) -> Outcome:
        copy = self._free.get()
        try:
            return Outcome(safeguard, mutation, copy.missed(mutation))
        except (DoesNotApply, NothingProved) as trouble:
            return Outcome(safeguard, mutation, trouble=str(trouble))
        finally:
            self._free.put(copy)

    def failing_anyway(self, tests: Sequence[str]) -> frozenset[str]:
        copy = self._free.get()
        try:
            return copy.failing(tests)
        finally:
            self._free.put(copy)


def main() -> int:
    """Return 0 when every safeguard is missed by every test on record for it."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only safeguards whose name holds one of these")
    parser.add_argument("--page", action="store_true", help=f"write {PLACE} and end")
    asked = parser.parse_args()
    record = safeguards()
    if asked.page:
        (ROOT / PLACE).write_text(safeguards_page(record), encoding="utf-8")
        return 0
    chosen = [each for each in record if _is_meant(each, asked.words)]
    with TemporaryDirectory(prefix="mutation-") as folder:
        workshop = Workshop(Path(folder))
        try:
            return _try_all(chosen, workshop)
        finally:
            workshop.shut()


def _try_all(chosen: Sequence[Safeguard], workshop: Workshop) -> int:
    trials = [(safeguard, each) for safeguard in chosen for each in safeguard.mutations]
    tests = sorted({test for _, each in trials for test in each.caught_by})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # A test that fails on the untouched tree notices nothing by failing.
        shares = pool.map(workshop.failing_anyway, _halves(tests))
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


def _halves(tests: Sequence[str]) -> Iterator[Sequence[str]]:
    # By file, so that each half starts its own servers once.
    files = sorted({test.partition("::")[0] for test in tests})
    for share in range(AT_ONCE):
        mine = set(files[share::AT_ONCE])
        if found := [test for test in tests if test.partition("::")[0] in mine]:
            yield found


def _is_meant(safeguard: Safeguard, words: Sequence[str]) -> bool:
    return not words or any(word.lower() in safeguard.name.lower() for word in words)


if __name__ == "__main__":
    sys.exit(main())
