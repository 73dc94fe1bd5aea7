"""
Live through seeds and look at what is left: ``python -m simulation --seeds 1000``, or one seed with its story.

Ends with 1 when a life went wrong; its story is told then, with the fewest events that make it go wrong. With
``--without WORD`` each safeguard of the record whose name holds WORD is taken out in turn, and the first life that
shows it is looked for.
"""

import argparse
import sys
from collections.abc import Sequence

from mutation.lives import OF_MONEY, lives_tried, name_of
from simulation.mutated import mutations_of
from simulation.trials import keep_all, try_all


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="tell the story of this one")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to live through")
    parser.add_argument("--start", type=int, default=1, help="the first of them")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--without", metavar="WORD", help="take these safeguards out in turn")
    parser.add_argument("--areas", help="only those of these areas, or of all of 'money'")
    parser.add_argument("--keep", action="store_true", help="keep what is found for the page")
    parser.add_argument("--untried", action="store_true", help="only what was not tried so often")
    asked = parser.parse_args(arguments)
    if asked.without is not None:
        return _each_taken_out(asked)
    # Read only now, so that what is taken out is changed in the process that lives without it.
    from simulation.many import live_through, one  # noqa: PLC0415 - see above

    if asked.seed is not None:
        return one(asked.seed)
    return live_through(asked.start, asked.seeds, asked.processes)


def _each_taken_out(asked: argparse.Namespace) -> int:
    """Look for a life that shows each of the mutations that are *asked* for."""
    areas = set((asked.areas or "").split(",")) - {""}
    areas |= OF_MONEY if "money" in areas else frozenset()
    chosen = [each for each in mutations_of(asked.without) if not areas or each[0].area in areas]
    if asked.untried:
        known = lives_tried()
        chosen = [
            each
            for each in chosen
            if (before := known.get(name_of(*each))) is None
            or (not before.found and before.lives < asked.seeds)
        ]
    tried = try_all(chosen, start=asked.start, seeds=asked.seeds, processes=asked.processes)
    found = 0
    for each in keep_all(tried) if asked.keep else tried:
        found += each.lives is not None and each.lives.found
        sys.stdout.write(f"{each.name}\n    {each.said}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{found} of {len(chosen)} are found within {asked.seeds} seeds\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
