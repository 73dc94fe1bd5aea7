"""``python -m drills NAME``: something real breaks while the service runs; what was lost, and how long it took."""

import argparse
import sys

from drills import failover

SEED = 20260401


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
    chosen = parser.parse_args()
    held = failover.run(chosen.times, chosen.seed, asynchronous=chosen.asynchronous)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
