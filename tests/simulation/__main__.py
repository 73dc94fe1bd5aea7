"""
Live through seeds and look at what is left: ``python -m simulation --seeds 1000``, or one seed with its story.

Ends with 1 when a life went wrong; its story is told then, with the fewest events that make it go wrong. With
``--without WORD`` each safeguard of the record whose name holds WORD is taken out in turn, and the first life that
shows it is looked for.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from simulation.mutated import mutations_of, take_out

WENT_WRONG: Final = 1


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="tell the story of this one")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to live through")
    parser.add_argument("--start", type=int, default=1, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--without", metavar="WORD", help="take these safeguards out in turn")
    parser.add_argument("--mutation", type=int, help="the number of the only one to be taken out")
    asked = parser.parse_args(arguments)
    if asked.without is not None and asked.mutation is None:
        return _each_taken_out(asked.without, asked)
    if asked.without is not None:
        take_out(mutations_of(asked.without)[asked.mutation][1])
    # Read only now, so that what was taken out is.
    from simulation.many import first_wrong, live_through, one  # noqa: PLC0415 - see above

    if asked.without is not None:
        return first_wrong(asked.start, asked.seeds, asked.processes)
    if asked.seed is not None:
        return one(asked.seed)
    return live_through(asked.start, asked.seeds, asked.processes)


def _each_taken_out(word: str, asked: argparse.Namespace) -> int:
    """Look for a life that shows each of the mutations of *word*, in a process of its own for each."""
    found, mutations = 0, mutations_of(word)
    for number, (safeguard, mutation) in enumerate(mutations):
        told = subprocess.run(  # noqa: S603 - our own program
            [
                *(sys.executable, "-m", "simulation", "--without", word),
                *("--mutation", str(number), "--seeds", str(asked.seeds)),
                *("--start", str(asked.start), "--processes", str(asked.processes)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        said = told.stdout.strip() or told.stderr.strip().rpartition("\n")[2]
        found += told.returncode == WENT_WRONG and bool(told.stdout)
        sys.stdout.write(f"{safeguard}: {mutation.without}\n    {said}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{found} of {len(mutations)} are found within {asked.seeds} seeds\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
