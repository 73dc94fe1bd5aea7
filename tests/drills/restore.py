"""
The database is destroyed by mistake, and restored to the instant before from a base backup and its archive of WAL.

Students pay and officers refund through the simulated bank; the base backup is taken meanwhile, by ``shulk backup
base``. What stood in the database at the instant has to stand in the restored one, and nothing that came later.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from crashes.afterwards import look_afterwards
from crashes.load import Load
from crashes.under_attack import DeploymentUnderAttack, deployment_under_attack
from drills.pair import Node, ask, nodes_in, until
from entrypoints.operations.backup import archive_settings
from worlds.processes.running import shulk

STUDENTS_AT_ONCE: Final = 6
LOAD_SECONDS: Final = 4.0
TIMEOUT_SECONDS: Final = 15.0
THE_MISTAKE: Final = "DROP TABLE enrolment CASCADE"
COUNTED: Final = (
    *("payment", "refund", "enrolment", "tax_document", "inbox", "outbox"),
    *("journal", "audit_log", "audit_checkpoint"),
)
MONEY: Final = "SELECT coalesce(sum(captured_paise), 0) FROM payment"
Contents = Mapping[str, int]


@dataclass(slots=True)
class Restored:
    """What was measured, in seconds, and what was wrong."""

    seconds: dict[str, float] = field(default_factory=dict)
    contents: Contents = field(default_factory=dict)
    lost_since: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """What outlives the server, and the instant to go back to."""

    base: Path
    archive: Path
    instant: datetime


def differences(wanted: Contents, found: Contents) -> list[str]:
    """Return in words what a restored database has more or less of than stood there at the instant."""
    return [
        f"{name}: {found.get(name)} were restored, and {count} stood there at the instant"
        for name, count in wanted.items()
        if found.get(name) != count
    ]


def run(seed: int) -> bool:
    """Run the drill and print what it measured and found; return whether all was as it should be."""
    with (
        tempfile.TemporaryDirectory(prefix="shulk-restore-") as folder,
        nodes_in(Path(folder) / "servers", "lost", "fresh") as (lost, fresh),
    ):
        archive, base = lost.home.parent / "archive", lost.home.parent / "base"
        archive.mkdir()
        if lost.user is not None:
            os.chown(archive, lost.user, lost.user)
        lost.make(*archive_settings(archive))
        lost.start()
        with deployment_under_attack(Path(folder), seed=seed, database=lost) as attack:
            told = Restored()
            instant, later = asyncio.run(_trade(attack, lost, base, seed, told))
            lost.kill()
            lost.wait_until_dead()
            _bring_back(attack, fresh, Kept(base, archive, instant), told)
        told.lost_since = later - told.contents["payment"]
        if told.lost_since <= 0:
            told.wrong.append("nothing came after the instant, so nothing was shown")
    _report(told)
    return not told.wrong


async def _trade(
    attack: DeploymentUnderAttack, lost: Node, base: Path, seed: int, told: Restored
) -> tuple[datetime, int]:
    """Trade, back up, trade on; return the instant to go back to, and how many payments there were at the end."""
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=False) as http:
        load = Load(attack, http, random.Random(seed))  # noqa: S311 - what people do, not a secret
        await load.prepare()
        trading = asyncio.create_task(_students(load, LOAD_SECONDS))
        await asyncio.sleep(LOAD_SECONDS / 2)
        told.seconds["base backup"] = await asyncio.to_thread(
            _command, attack, told, "backup", "base", f"--out={base}", f"--programs={lost.programs}"
        )
        await trading
        told.wrong += (await look_afterwards(attack, load.promises, http)).wrong
        # Nothing is in the middle of anything, so the counts are those of the instant.
        for process in attack.workers:
            await asyncio.to_thread(process.end)
        told.contents = await _contents(lost)
        instant: datetime = await ask(lost, "SELECT clock_timestamp()")
        await _students(load, LOAD_SECONDS / 2)
        later = (await _contents(lost))["payment"]
        await ask(lost, THE_MISTAKE)
        written = await ask(lost, "SELECT pg_walfile_name(pg_switch_wal())")
        await until(
            lost,
            "SELECT last_archived_wal FROM pg_stat_archiver",
            lambda name: name is not None and name >= written,
        )
        return instant, later


def _bring_back(attack: DeploymentUnderAttack, fresh: Node, kept: Kept, told: Restored) -> None:
    began = time.monotonic()
    _command(
        attack,
        told,
        *("restore", f"--base={kept.base}", f"--archive={kept.archive}", f"--into={fresh.data}"),
        f"--to={kept.instant.isoformat()}",
    )
    if fresh.user is not None:
        for each in (fresh.data, *fresh.data.rglob("*")):
            os.chown(each, fresh.user, fresh.user)
    fresh.start()
    asyncio.run(until(fresh, "SELECT pg_is_in_recovery()", lambda recovering: not recovering))
    told.seconds["restored and serving"] = time.monotonic() - began
    # Before the commands, which are on record themselves.
    told.wrong += differences(told.contents, asyncio.run(_contents(fresh)))
    for words in (("invariants",), ("audit", "verify")):
        _command(attack, told, *words, database=fresh.url)
    told.seconds["invariants and audit verified"] = time.monotonic() - began


def _command(
    attack: DeploymentUnderAttack, told: Restored, *words: str, database: str | None = None
) -> float:
    """Run a command of ``shulk`` as an operator does; return the seconds it took."""
    changed = {} if database is None else {"SHULK_DATABASE_URL": database}
    began = time.monotonic()
    code, said = shulk(*words, variables={**attack.deployment.variables, **changed})
    if code:
        complaint = f"shulk {' '.join(words)} ended with {code}: {said}"
        # Without a restored database there is nothing to look at.
        assert database is not None, complaint
        told.wrong.append(complaint)
    return time.monotonic() - began


async def _students(load: Load, seconds: float) -> None:
    over = time.monotonic() + seconds

    async def some() -> None:
        while time.monotonic() < over:
            await load.student()

    await asyncio.gather(*(some() for _ in range(STUDENTS_AT_ONCE)))


async def _contents(node: Node) -> Contents:
    connection = await asyncpg.connect(node.url)
    try:
        counts = {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - a constant
            for table in COUNTED
        }
        return {**counts, "paise captured": int(await connection.fetchval(MONEY))}
    finally:
        await connection.close()


def _report(told: Restored) -> None:
    say = sys.stdout.write
    for name, seconds in told.seconds.items():
        say(f"  {name:30} {seconds:6.2f} s\n")
    say(f"  {', '.join(f'{count} {name}' for name, count in told.contents.items())}\n")
    say(
        f"  {told.lost_since} payments came after the instant, as the mistake did; the bank knows them\n"
    )
    for each in told.wrong:
        say(f"  WRONG {each}\n")
    say(f"1 passed, {len(told.wrong)} failed\n")
