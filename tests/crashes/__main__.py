"""``python -m crashes``: kill every part over and over under a running load, then look whether anything was lost."""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from crashes.afterwards import Found, look_afterwards
from crashes.load import Load
from crashes.under_attack import DeploymentUnderAttack, deployment_under_attack

STUDENTS_AT_ONCE: Final = 6
PAUSE_SECONDS_MAX: Final = 0.8
TIMEOUT_SECONDS: Final = 15.0


async def attack_for(attack: DeploymentUnderAttack, cycles: int, seed: int) -> Found:
    """Crash *cycles* times at random while students pay, and return what was found afterwards."""
    chance = random.Random(seed)  # noqa: S311 - an order of crashes, not a secret
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=False) as http:
        load = Load(attack, http, random.Random(seed + 1))  # noqa: S311 - the same
        await load.prepare()
        over = asyncio.Event()

        async def students() -> None:
            while not over.is_set():
                await load.student()

        crowd = [asyncio.create_task(students()) for _ in range(STUDENTS_AT_ONCE)]
        order = [
            crash for _ in range(cycles // len(attack.crashes) + 1) for crash in attack.crashes
        ]
        chance.shuffle(order)
        for number, crash in enumerate(order[:cycles]):
            await asyncio.sleep(chance.random() * PAUSE_SECONDS_MAX)
            await attack.inject(crash, number)
            sys.stderr.write(f"{number + 1:3} {crash}: {attack.recoveries[crash][-1]:.2f} s\n")
            for task in crowd:
                if task.done():
                    task.result()
        over.set()
        await asyncio.gather(*crowd)
        return await look_afterwards(attack, load.promises, http)


def main() -> int:
    parser = argparse.ArgumentParser(prog="crashes", description=__doc__)
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20260401)
    chosen = parser.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="shulk-crashes-") as folder,
        deployment_under_attack(Path(folder), seed=chosen.seed) as attack,
    ):
        found = asyncio.run(attack_for(attack, chosen.cycles, chosen.seed))
        report(attack, found, chosen.cycles, time.monotonic() - began)
    return 1 if found.wrong else 0


def report(attack: DeploymentUnderAttack, found: Found, cycles: int, seconds: float) -> None:
    say = sys.stdout.write
    say(f"{cycles} crashes in {seconds:.0f} s; seconds until the part served again:\n")
    for crash, taken in sorted(attack.recoveries.items()):
        say(
            f"  {crash:20} {len(taken):3} times  median {statistics.median(taken):5.2f}"
            f"  longest {max(taken):5.2f}\n"
        )
    say(
        f"  {found.payments} payments, {found.sold} sold, {found.refunds} refunds,"
        f" {found.webhooks} webhooks acknowledged, {found.emails} emails;"
        f" at rest {found.converged_seconds:.1f} s after the last student\n"
    )
    for each in found.wrong:
        say(f"  WRONG {each}\n")
    say(f"{cycles} passed, {len(found.wrong)} failed\n")


if __name__ == "__main__":
    sys.exit(main())
