"""``python -m drills NAME``: something real breaks while the service runs; what was lost, and how long it took."""

import argparse
import sys
from typing import Final

from drills import failover, restore

SEED: Final = 20260401


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
    chosen = parser.parse_args()
    if chosen.name == "restore":
        held = restore.run(chosen.seed)
    else:
        held = failover.run(
            chosen.times, chosen.seed, asynchronous=chosen.asynchronous, frozen=chosen.frozen
        )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
