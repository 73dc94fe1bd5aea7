"""
What sealing the audit log costs sales: processor time of blocks of sales with sealing, beside that of blocks without.

A ratio by the clock moves by a tenth from one turn to the next, as disk and neighbours do. Processor time does not wait
for them, and sealing is paid for once for each entry, whoever seals. So short blocks of sales are settled in pairs, one
with sealing and one without, in an order that changes; what both used of this process and of PostgreSQL is compared
within the pair. In a block with sealing all of its entries are sealed before its time is taken.

What two blocks take differs by more than sealing costs. So the cost is measured by itself as well: a block without
sealing is settled in parts of about three seconds, and after each of them, while nothing else runs, its entries are
sealed. What that took, beside what the sales took, is the cost of the block.

``BENCH_PAIRS`` says how many pairs there are, ``BENCH_SALES`` how many sales a block has.
"""

import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Final

from adapters.ed25519.note_signatures import NoteKey, NoteSigner
from adapters.postgres import schema
from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system.clock import SystemClock
from application.audit.seal_audit_log import SealAuditLog
from application.order_status.apply_order_status import ApplyOrderStatus
from benchmarks.processor_time import lasting_seconds, seconds_between
from benchmarks.settling import BY_BENCH, WORKERS, charged, opened, per_second
from domain.audit.audit_line import SALT_BYTES
from entrypoints.cli.embedded import embedded_postgres

SALES: Final = 1_000
PAIRS: Final = 10
WARM_PAIRS: Final = 2
PAUSE_SECONDS: Final = 3.0
PART: Final = 500
"""Sales in about three seconds: each part of a block is sealed as one, as it is by ``seal_for_ever``."""

AIM: Final = 0.97
WITHIN: Final = 1.96
"""Standard deviations on each side that hold 95 % of what chance does."""


Work = list[Callable[[], Awaitable[object]]]


@dataclass(frozen=True, slots=True)
class Block:
    """What a block of sales took: *busy* seconds of processors, and settles a *second* by the clock."""

    busy: float
    second: float


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Blocks of so many *sales* on one *database*, whose server is the process *server*."""

    database: Database
    server: int
    sales: int
    sold: int = 0
    pairs: list[tuple[Block, Block]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Processor seconds of each sealed entry, where sealing was all that was done."""

    shares: list[float] = field(default_factory=list)
    """What is left of each block's processor time for its sales when their entries are sealed."""

    entries: int = 0

    async def pair(self, *, sealing_first: bool) -> None:
        """Run one block with sealing and one without."""
        if sealing_first:
            sealed = await self.block(is_sealed=True)
            bare = await self.block(is_sealed=False)
        else:
            bare = await self.block(is_sealed=False)
            sealed = await self.block(is_sealed=True)
        self.pairs.append((sealed, bare))

    async def block(self, *, is_sealed: bool) -> Block:
        """Settle so many sales as a block has; nothing is left unsealed behind it."""
        unit_of_work = PostgresUnitOfWork(self.database)
        apply = ApplyOrderStatus(unit_of_work, SystemClock())
        payments = await opened(unit_of_work, self.sold, self.sales)
        self.sold += self.sales
        await seal_all(sealing(self.database))
        work: Work = [partial(apply, charged(each.id), BY_BENCH) for each in payments]
        return await self._sealed(work) if is_sealed else await self._bare(work)

    async def _sealed(self, work: Work) -> Block:
        before = self._busy()
        task = asyncio.create_task(seal_for_ever(self.database))
        clock = 0.0
        for part in parts_of(work):
            clock += len(part) / await per_second(part)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await seal_all(sealing(self.database))
        return Block(seconds_between(before, self._busy()), len(work) / clock)

    async def _bare(self, work: Work) -> Block:
        sales = sealed = clock = 0.0
        entries, seal = 0, sealing(self.database)
        for part in parts_of(work):
            before = self._busy()
            clock += len(part) / await per_second(part)
            between = self._busy()
            entries += await seal_all(seal)
            sales += seconds_between(before, between)
            sealed += seconds_between(between, self._busy())
        self.seconds.append(sealed / entries)
        self.shares.append(sales / (sales + sealed))
        self.entries = entries
        return Block(sales, len(work) / clock)

    def _busy(self) -> dict[int, float]:
        return {**lasting_seconds(self.server), 0: time.process_time()}

    def lines(self) -> list[str]:
        """Return what there is to read; each ratio is taken within a pair."""
        busy = [bare.busy / sealed.busy for sealed, bare in self.pairs]
        clock = [sealed.second / bare.second for sealed, bare in self.pairs]
        sale = median(each.busy for _, each in self.pairs) / self.sales * 1e6
        entry = median(self.seconds) * 1e6
        return [
            f"sales with and without sealing: {len(busy)} pairs of blocks of {self.sales}, medians and 95 % intervals",
            f"  by processor time, sealing after each part: {told(self.shares)}; {verdict(self.shares)}",
            f"  by processor time of one block and the other: {told(busy)}; {verdict(busy)}",
            f"  by the clock, which also waits for disk and neighbours: {told(clock)}",
            (
                f"  a sale takes {sale:.0f} microseconds of processors, and each of its"
                f" {self.entries / self.sales:.1f} sealed entries {entry:.0f}"
            ),
        ]


def parts_of(work: Work) -> Iterator[Work]:
    """Yield *work* in its parts; in a block of either kind all of a part is done before the next begins."""
    for first in range(0, len(work), PART):
        yield work[first : first + PART]


def told(ratios: list[float]) -> str:
    low, high = interval(ratios)
    return f"{median(ratios):.3f} ({low:.3f} to {high:.3f})"


def verdict(ratios: list[float]) -> str:
    """Say whether sealing costs 3 % at most, as far as the interval tells."""
    low, high = interval(ratios)
    if low >= AIM:
        return f"the aim of {AIM} is kept"
    return (
        f"the aim of {AIM} is missed" if high < AIM else f"whether the aim of {AIM} is kept is open"
    )


def interval(ratios: list[float]) -> tuple[float, float]:
    """Return between which of *ratios* the median lies with 95 %, by their order alone."""
    ordered, many = sorted(ratios), len(ratios)
    cut = max(int((many - WITHIN * sqrt(many)) / 2), 0)
    return ordered[cut], ordered[many - 1 - cut]


def sealing(database: Database) -> SealAuditLog:
    """Return what seals the log in *database* under a key that was drawn for it."""
    signer = NoteSigner([NoteKey.drawn("bench.example/audit")])
    salt = partial(secrets.token_bytes, SALT_BYTES)
    return SealAuditLog(PostgresSealedLog(database), signer, salt, SystemClock())


async def seal_all(seal: SealAuditLog) -> int:
    """Seal what waits and return how many entries that were."""
    sealed = 0
    while count := await seal():
        sealed += count
    return sealed


async def seal_for_ever(database: Database) -> None:
    """Seal what waits every three seconds: a minute's work in small parts, which costs more for each entry."""
    seal = sealing(database)
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        await seal_all(seal)


async def compare(url: str, sales: int, pairs: int) -> list[str]:
    """Return the comparison of so many *pairs*; the first ones warm up and do not count."""
    database = Database.connect(DatabaseSettings(url=url, pool_size=WORKERS + 1))
    await schema.upgrade(database.engine)
    async with database.borrow() as connection:
        folder = await connection.driver.fetchval("SHOW data_directory")
    server = int((Path(folder) / "postmaster.pid").read_text().splitlines()[0])
    comparison = Comparison(database=database, server=server, sales=sales)
    for number in range(WARM_PAIRS + pairs):
        await comparison.pair(sealing_first=bool(number % 2))
    del comparison.pairs[:WARM_PAIRS]
    del comparison.seconds[:WARM_PAIRS], comparison.shares[:WARM_PAIRS]
    async with database.borrow() as connection:
        entries = await connection.driver.fetchval("SELECT count(*) FROM audit_log")
    sealed = (await PostgresSealedLog(database).state()).tree.size
    await database.close()
    if sealed != entries:
        raise RuntimeError(f"{sealed} entries are sealed of {entries}")
    return comparison.lines()


def measure() -> list[str]:
    """Return what there is to read; a PostgreSQL is started for it, in a folder of its own."""
    sales, pairs = (
        int(os.environ.get(name, usual))
        for name, usual in (("BENCH_SALES", SALES), ("BENCH_PAIRS", PAIRS))
    )
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,
        embedded_postgres(Path(kept) / "postgres") as url,
    ):
        return asyncio.run(compare(url, sales, pairs))
