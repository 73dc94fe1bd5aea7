"""
The primary database dies under load and the standby takes over, again and again; no process of ours is restarted.

Students pay and officers refund as in ``python -m crashes``. Beside them one client writes a mark after the other:
what it was told is kept tells how long nothing could be written, and what was lost.
"""

import asyncio
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from crashes.afterwards import Found, look_afterwards
from crashes.load import Load
from crashes.under_attack import DeploymentUnderAttack, deployment_under_attack
from drills.pair import Pair, pair_in
from worlds.processes.api_clients import Person

STUDENTS_AT_ONCE: Final = 6
LOAD_SECONDS: Final = (1.0, 3.0)
MARK_PAUSE_SECONDS: Final = 0.05
TIMEOUT_SECONDS: Final = 15.0
WITHIN_SECONDS: Final = 60.0
LOOK_AGAIN_SECONDS: Final = 0.02
MARK: Final = "mark-"
BOUGHT_TWICE: Final = """
    SELECT student_id FROM payment WHERE state IN ('success', 'partially_refunded', 'refunded')
    GROUP BY student_id HAVING count(*) > 1
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What one failover took, in seconds: from the kill to the promotion, to the next write, and to a new standby."""

    promoted: float
    written: float
    protected: float
    answers_lost: int
    """Payments that were begun before the kill and acknowledged after it: their first answer was lost."""


@dataclass(slots=True)
class Marks:
    """Writes courses that nobody buys, one after the other; *kept* are those that were acknowledged."""

    http: httpx.AsyncClient
    api: str
    admin: Person
    kept: dict[str, float] = field(default_factory=dict)

    async def write(self) -> None:
        for number in count():
            began = time.monotonic()
            if await self._written(name := f"{MARK}{number}"):
                self.kept[name] = began
            await asyncio.sleep(MARK_PAUSE_SECONDS)

    async def _written(self, name: str) -> bool:
        course = {
            "title": name,
            "list_price": "118.00",
            "price_mode": "inclusive",
            "sac": "999293",
            "gst_rate": "18",
        }
        with suppress(httpx.TransportError):
            answer = await self.http.put(
                f"{self.api}/api/admin/courses/{name}", json=course, headers=self.admin.bearer
            )
            assert answer.is_success or answer.status_code >= 500, answer.text
            return answer.is_success
        return False

    async def first_after(self, instant: float) -> float:
        """Return how long after *instant* a mark was begun that was kept."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while True:
            later = [began for began in self.kept.values() if began > instant]
            if later:
                return time.monotonic() - instant
            if time.monotonic() > deadline:
                raise AssertionError("the service did not follow to the new primary")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def lost_or_twice(
    kept: Collection[str], found: Collection[str], twice: Collection[str]
) -> list[str]:
    """Return in words what was acknowledged and is not there, and who was charged twice for one purchase."""
    return [
        *(f"{each} was acknowledged and is lost" for each in sorted(set(kept) - set(found))),
        *(f"{each} bought once and was charged twice" for each in sorted(twice)),
    ]


async def fail_over(
    attack: DeploymentUnderAttack,
    pair: Pair,
    times: int,
    seed: int,
    *,
    asynchronous: bool,
    frozen: bool,
) -> tuple[list[Round], Found, list[str]]:
    """Kill the primary *times* times under load; return each round, and what was wrong afterwards."""
    chance = random.Random(seed)  # noqa: S311 - moments of crashes, not a secret
    rounds: list[Round] = []
    how = signal.SIGSTOP if frozen else signal.SIGKILL
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=False) as http:
        load = Load(attack, http, random.Random(seed + 1))  # noqa: S311 - the same
        await load.prepare()
        marks = Marks(http, attack.deployment.api, attack.deployment.person("admin"))
        over = asyncio.Event()

        async def students() -> None:
            while not over.is_set():
                await load.student()

        crowd = [asyncio.create_task(students()) for _ in range(STUDENTS_AT_ONCE)]
        marking = asyncio.create_task(marks.write())
        try:
            for number in range(times):
                if asynchronous:
                    await pair.cut_off_standby()
                await asyncio.sleep(chance.uniform(*LOAD_SECONDS))
                took = await _one_round(pair, marks, load, by_rewind=bool(number % 2), how=how)
                rounds.append(took)
                _tell(number, pair, took)
                for task in (*crowd, marking):
                    if task.done():
                        task.result()
            over.set()
            await asyncio.gather(*crowd)
        finally:
            for task in (*crowd, marking):
                task.cancel()
            await asyncio.gather(*crowd, marking, return_exceptions=True)
        found = await look_afterwards(attack, load.promises, http)
    return rounds, found, await _compare(pair, marks)


def _tell(number: int, pair: Pair, took: Round) -> None:
    sys.stderr.write(
        f"{number + 1:3} {pair.standby.name} killed: {pair.primary.name} promoted after {took.promoted:.2f} s,"
        f" written again after {took.written:.2f} s, a standby again after {took.protected:.2f} s"
        f" ({took.answers_lost} answers of commits were lost)\n"
    )


async def _one_round(
    pair: Pair, marks: Marks, load: Load, *, by_rewind: bool, how: signal.Signals
) -> Round:
    killed_at = datetime.now(UTC)
    killed = await pair.lose_primary(how)
    await pair.promote()
    promoted = time.monotonic() - killed
    written = await marks.first_after(killed)
    await pair.fence()
    await pair.rebuild(by_rewind=by_rewind)
    told_after = [each for each, told in load.promises.told_at.items() if told > killed_at]
    connection = await asyncpg.connect(pair.url)
    try:
        before = await connection.fetchval(
            "SELECT count(*) FROM payment WHERE id = ANY($1) AND opened_at < $2",
            told_after,
            killed_at,
        )
    finally:
        await connection.close()
    return Round(promoted, written, time.monotonic() - killed, before)


async def _compare(pair: Pair, marks: Marks) -> list[str]:
    connection = await asyncpg.connect(pair.url)
    try:
        found = await connection.fetch("SELECT id FROM course WHERE id LIKE $1", f"{MARK}%")
        twice = await connection.fetch(BOUGHT_TWICE)
    finally:
        await connection.close()
    return lost_or_twice(
        marks.kept, [row["id"] for row in found], [row["student_id"] for row in twice]
    )


def run(times: int, seed: int, *, asynchronous: bool, frozen: bool = False) -> bool:
    """Run the drill and print what it measured and found; return whether nothing was lost or done twice."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="shulk-failover-") as folder,
        pair_in(Path(folder) / "pair") as pair,
        deployment_under_attack(Path(folder), seed=seed, database=pair) as attack,
    ):
        lives = [process.starts() for process in attack.workers]
        rounds, found, more = asyncio.run(
            fail_over(attack, pair, times, seed, asynchronous=asynchronous, frozen=frozen)
        )
        wrong = [*found.wrong, *more]
        if lives != [process.starts() for process in attack.workers]:
            wrong.append("a worker was started again")
    _report(rounds, found, wrong, time.monotonic() - began)
    return not wrong


def _report(rounds: list[Round], found: Found, wrong: list[str], seconds: float) -> None:
    say = sys.stdout.write
    say(f"{len(rounds)} failovers in {seconds:.0f} s; seconds after the primary was killed:\n")
    for name, taken in (
        ("standby promoted", [each.promoted for each in rounds]),
        ("written again", [each.written for each in rounds]),
        ("standby again", [each.protected for each in rounds]),
    ):
        say(
            f"  {name:18} shortest {min(taken):5.2f}  median {statistics.median(taken):5.2f}"
            f"  longest {max(taken):5.2f}\n"
        )
    say(
        f"  {found.payments} payments, {found.sold} sold, {found.refunds} refunds, {found.webhooks} webhooks"
        f" acknowledged; {sum(each.answers_lost for each in rounds)} answers of commits were lost;"
        f" at rest {found.converged_seconds:.1f} s after the last student\n"
    )
    for each in wrong:
        say(f"  WRONG {each}\n")
    say(f"{len(rounds)} passed, {len(wrong)} failed\n")
