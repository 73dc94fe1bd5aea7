"""``python -m drills NAME``: something real breaks while the service runs; what was lost, and how long it took."""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from drills import failover, incidents, restore

SEED: Final = 20260401


SUITES: Final = {"pooler": "pooler", "slow-clients": "exhaustive/test_slow_clients.py"}
"""Drills that stand among the tests: their recovery is what they assert."""


def _passes(place: str) -> bool:
    began = time.monotonic()
    tests = Path(__file__).parents[1]
    done = subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", "-p", "no:schemathesis", "-q", "-s", str(tests / place)],
        cwd=tests.parent,
        check=False,
    )
    sys.stdout.write(f"{place}: {time.monotonic() - began:.0f} s\n")
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="drills", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    over = names.add_parser("failover", help=failover.__doc__)
    over.add_argument("--times", type=int, default=20)
    over.add_argument("--seed", type=int, default=SEED)
    over.add_argument(
        "--asynchronous",
        action="store_true",
        help="cut the standby off before each kill, to see that the loss is found",
    )
    over.add_argument(
        "--frozen",
        action="store_true",
        help="stop the primary instead, which then answers nothing, as a machine without power",
    )
    back = names.add_parser("restore", help=restore.__doc__)
    back.add_argument("--seed", type=int, default=SEED)
    for name, happens in incidents.INCIDENTS.items():
        each = names.add_parser(name, help=happens.__doc__)
        each.add_argument("--seed", type=int, default=SEED)
    for name, place in SUITES.items():
        names.add_parser(name, help=f"the tests of tests/{place}")
    chosen = parser.parse_args()
    if chosen.name == "restore":
        held = restore.run(chosen.seed)
    elif chosen.name in incidents.INCIDENTS:
        held = incidents.run(chosen.name, chosen.seed)
    elif chosen.name in SUITES:
        held = _passes(SUITES[chosen.name])
    else:
        held = failover.run(
            chosen.times, chosen.seed, asynchronous=chosen.asynchronous, frozen=chosen.frozen
        )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
