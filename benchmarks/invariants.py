"""
How long the incremental check of all invariants takes with 200,000 payments, and with up to 10 million.

``BENCH_PAYMENTS`` says how many at most; one database grows from size to size. Beside it stands one that does not, and
they are measured in turns, so that what else the machine does counts for both.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg

from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.invariants.card_scan import GROWING
from adapters.postgres.invariants.invariants import PostgresInvariants
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system.clock import SystemClock
from application.order_status.apply_order_status import ApplyOrderStatus
from benchmarks.full_tables import FEW, fill
from benchmarks.settling import BY_BENCH, charged, opened
from entrypoints.cli.embedded import embedded_postgres
from ports.monitoring.money_invariants import Unchecked

SIZES: Final = (FEW, 1_000_000, 10_000_000)
USUAL: Final = 1_000_000
STUDENTS: Final = count(100_000_000, 1_000)
CHANGED: Final = 300
"""Payments that are sold between two checks: one a second for five minutes."""

ROUNDS: Final = 5
SLOWEST: Final = 3
HEADING: Final = (
    f"incremental check of all invariants after {CHANGED} sales, {ROUNDS} rounds at each size;"
    " milliseconds, the least of each"
)
NEWEST: Final = " UNION ALL ".join(
    f"SELECT '{each}' AS name, coalesce(max(id), 0) AS id FROM {each}"  # noqa: S608 - our own words
    for each in GROWING
)
WATCHED: Final = f"""
    INSERT INTO invariant_watch (name, watermarks, followed, version)
    SELECT name, (SELECT jsonb_object_agg(newest.name, jsonb_build_object(
                    'mark', newest.id, 'reached', newest.id, 'reached_at', $2::text))
                  FROM ({NEWEST}) newest), '{{}}', 1
    FROM unnest($1::text[]) name
    ON CONFLICT (name) DO UPDATE SET watermarks = excluded.watermarks, followed = '{{}}'
"""  # noqa: S608 - our own words
"""Every invariant was checked up to the newest row, as it is five minutes after the last check."""


def wanted_sizes() -> list[int]:
    """Return the numbers of payments to measure at, by ``BENCH_PAYMENTS``."""
    most = int(os.environ.get("BENCH_PAYMENTS", USUAL))
    return [each for each in SIZES if each < most] + [most]


def measure() -> list[str]:
    """Return what there is to read; the server is started for it, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder) / "postgres") as url,
    ):
        return asyncio.run(_measure(url, wanted_sizes()))


async def _measure(url: str, sizes: list[int]) -> list[str]:
    small, large = await _made(url, "bench_small"), await _made(url, "bench_large")
    await fill(small.url, 1, sizes[0])
    told, before = [HEADING], 0
    for size in sizes:
        with _timed() as filling:
            await fill(large.url, before + 1, size)
        at_first, found = await _rounds([await small.prepared(0), await large.prepared(before)])
        before = size
        slowest = sorted(found, key=lambda each: found[each], reverse=True)[:SLOWEST]
        total, least = sum(found.values()), sum(at_first.values())
        told.append(
            f"  {size:>10,} payments {total:.0f} ms, {sizes[0]:,} beside them {least:.0f},"
            f" ratio {total / least:.2f}; slowest "
            + ", ".join(
                f"{each} {found[each]:.1f} ({found[each] / at_first[each]:.2f})" for each in slowest
            )
            + f"; filled in {filling[0]:.0f} s"
        )
        # What was found so far stands when the rest is interrupted.
        sys.stderr.write(f"{told[-1]}\n")
    for each in (small, large):
        await each.database.close()
    return told


async def _made(url: str, name: str) -> "Books":
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    own = f"{url.rpartition('/')[0]}/{name}"
    database = Database.connect(DatabaseSettings(url=own))
    await schema.upgrade(database.engine)
    return Books(own, database)


@dataclass(frozen=True, slots=True)
class Books:
    """One database with so many payments, at the address *url*."""

    url: str
    database: Database

    async def prepared(self, before: int) -> PostgresInvariants:
        """Return its invariants, all checked but for ``CHANGED`` sales that came since."""
        invariants = PostgresInvariants(self.database)
        unit_of_work = PostgresUnitOfWork(self.database)
        async with self.database.borrow() as connection:
            await connection.driver.execute(
                WATCHED, [each.name for each in invariants.known], datetime.now(UTC).isoformat()
            )
        apply = ApplyOrderStatus(unit_of_work, SystemClock())
        for each in await opened(unit_of_work, next(STUDENTS) + before, CHANGED):
            await apply(charged(each.id), BY_BENCH)
        return invariants


async def _rounds(pair: list[PostgresInvariants]) -> list[dict[str, float]]:
    """Return for each of *pair* the milliseconds of each invariant, by name; each is measured beside the other."""
    taken: list[dict[str, list[float]]] = [{}, {}]
    for number in range(ROUNDS + 1):
        for invariant in pair[0].known:
            for each, one in zip(taken, pair, strict=True):
                with _timed() as seconds:
                    found = await one.check(invariant, datetime.now(UTC), full=False)
                unchecked = [what.why for what in found if isinstance(what, Unchecked)]
                if unchecked:
                    raise RuntimeError(f"{invariant.name}: {unchecked}")
                if number:
                    each.setdefault(invariant.name, []).append(seconds[0] * 1000)
    return [{name: min(each) for name, each in one.items()} for one in taken]


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Yield a list that holds the seconds of the block once it has ended."""
    began = time.perf_counter()
    seconds: list[float] = []
    yield seconds
    seconds.append(time.perf_counter() - began)
