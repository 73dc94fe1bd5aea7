"""
What sealing the audit log costs sales: settles a second while somebody seals, beside those while nobody does.

Sales go on without a pause and are sealed twice a second, in place of each minute: worse than it ever is. The sealer is
a process of its own, as where another worker seals, or the one that settles. ``BENCH_SALES`` says how many sales a turn
has.
"""

import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
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
from benchmarks.settling import BY_BENCH, WORKERS, charged, opened, per_second
from domain.audit.audit_line import SALT_BYTES
from entrypoints.cli.embedded import embedded_postgres

SALES: Final = 3_000
ROUNDS: Final = 7
PAUSE_SECONDS: Final = 0.5
STARTS_WITHIN_SECONDS: Final = 60
ROOT: Final = Path(__file__).parents[1]
ADDRESS: Final = "BENCH_DATABASE_URL"
READY: Final = b"ready\n"


class Sealer(StrEnum):
    NOBODY = "nobody"
    ANOTHER = "another process"
    ITSELF = "the process that settles"


@dataclass(slots=True)
class Figures:
    """What each turn with one sealer gave: settles a second, and the share of their entries sealed meanwhile."""

    settles: list[float] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Sales in turns with each sealer, on one database at *url*; *seconds* a sealed entry took, batch by batch."""

    url: str
    database: Database
    sales: int
    sold: int = 0
    figures: dict[Sealer, Figures] = field(
        default_factory=lambda: {each: Figures() for each in Sealer}
    )
    seconds: list[float] = field(default_factory=list)

    @property
    def log(self) -> PostgresSealedLog:
        return PostgresSealedLog(self.database)

    async def turn(self, sealer: Sealer) -> None:
        """Settle as many sales as a turn has while *sealer* seals, then seal what is left."""
        unit_of_work = PostgresUnitOfWork(self.database)
        apply = ApplyOrderStatus(unit_of_work, SystemClock())
        payments = await opened(unit_of_work, self.sold, self.sales)
        self.sold += self.sales
        before = await self._sealed()
        async with self._sealing(sealer):
            settles = await per_second(
                [partial(apply, charged(each.id), BY_BENCH) for each in payments]
            )
            meanwhile = await self._sealed() - before
        began = time.perf_counter()
        left = await seal_all(sealing(self.database))
        if sealer is Sealer.NOBODY:
            self.seconds.append((time.perf_counter() - began) / left)
        self.figures[sealer].settles.append(settles)
        self.figures[sealer].meanwhile.append(meanwhile / (await self._sealed() - before))

    @asynccontextmanager
    async def _sealing(self, sealer: Sealer) -> AsyncIterator[None]:
        match sealer:
            case Sealer.NOBODY:
                yield
            case Sealer.ITSELF:
                task = asyncio.create_task(seal_for_ever(self.database))
                try:
                    yield
                finally:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            case Sealer.ANOTHER:
                async with _another_process(self.url):
                    yield

    async def _sealed(self) -> int:
        return (await self.log.state()).tree.size

    def lines(self) -> list[str]:
        """Return what there is to read, each ratio taken within a round."""
        alone = self.figures[Sealer.NOBODY].settles
        told = [
            f"settles a second while somebody seals and while nobody does; {len(alone)} interleaved rounds, medians",
            f"  {Sealer.NOBODY} seals: {median(alone):.0f}",
        ]
        for sealer in (Sealer.ANOTHER, Sealer.ITSELF):
            found = self.figures[sealer]
            ratios = [one / other for one, other in zip(found.settles, alone, strict=True)]
            told.append(
                f"  {sealer} seals: {median(found.settles):.0f},"
                f" ratio {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f});"
                f" {median(found.meanwhile):.0%} of the entries sealed meanwhile"
            )
        microseconds = median(self.seconds) * 1_000_000
        return [
            *told,
            f"  an entry is sealed in {microseconds:.0f} microseconds when nothing else goes on",
        ]


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
    """Seal what waits, twice a second."""
    seal = sealing(database)
    while True:
        await seal_all(seal)
        await asyncio.sleep(PAUSE_SECONDS)


@asynccontextmanager
async def _another_process(url: str) -> AsyncIterator[None]:
    """Run a sealer of its own, which is at work once the block begins."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __spec__.name),
        env={**os.environ, ADDRESS: url},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(STARTS_WITHIN_SECONDS):
            said = await process.stdout.readline() if process.stdout else b""
        if said != READY:
            raise RuntimeError("the sealer did not start")
        yield
        if process.returncode is not None:
            raise RuntimeError("the sealer ended before the sales did")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def compare(url: str, sales: int) -> list[str]:
    """Return the comparison, in turns of so many *sales*; the first round warms up and does not count."""
    database = Database.connect(DatabaseSettings(url=url, pool_size=WORKERS + 1))
    await schema.upgrade(database.engine)
    comparison = Comparison(url=url, database=database, sales=sales)
    for each in Sealer:
        await comparison.turn(each)
    warm = comparison.sold
    comparison = Comparison(url=url, database=database, sales=sales, sold=warm)
    for number in range(ROUNDS):
        for each in Sealer if number % 2 else reversed(Sealer):
            await comparison.turn(each)
    async with database.borrow() as connection:
        entries = await connection.driver.fetchval("SELECT count(*) FROM audit_log")
    sealed = (await comparison.log.state()).tree.size
    await database.close()
    if sealed != entries:
        raise RuntimeError(f"{sealed} entries are sealed of {entries}")
    return comparison.lines()


def measure() -> list[str]:
    """Return what there is to read; a PostgreSQL is started for it, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,
        embedded_postgres(Path(kept) / "postgres") as url,
    ):
        return asyncio.run(compare(url, int(os.environ.get("BENCH_SALES", SALES))))


async def _another() -> None:
    database = Database.connect(DatabaseSettings(url=os.environ[ADDRESS], pool_size=1))
    await seal_all(sealing(database))
    sys.stdout.write(READY.decode())
    sys.stdout.flush()
    await seal_for_ever(database)


if __name__ == "__main__":
    asyncio.run(_another())
