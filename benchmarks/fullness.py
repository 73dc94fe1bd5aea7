"""What a settle and a page of history cost in an empty database, and in one with 200,000 payments."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Final

import asyncpg

from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.payments.payment_queries import PostgresPaymentQueries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system.clock import SystemClock
from application.order_status.apply_order_status import ApplyOrderStatus
from benchmarks.full_tables import FILL
from benchmarks.settling import BY_BENCH, charged, opened
from domain.identifiers import StudentId

LOGGED: Final = ("payment", "refund", "enrolment", "audit_log", "inbox", "outbox", "idempotency")
ROUNDS: Final = 7
SETTLES: Final = 60
PAGES: Final = 60
PAGE: Final = 20
MANY: Final = StudentId("school")
FEW: Final = StudentId("bench-few")


@dataclass(slots=True)
class MeasuredDeployment:
    """One database, empty or full, and a student in it with at least a page of payments."""

    database: Database
    student: StudentId
    first: int

    async def settles(self) -> float:
        """Return the milliseconds of one settle, alone."""
        unit_of_work = PostgresUnitOfWork(self.database)
        apply = ApplyOrderStatus(unit_of_work, SystemClock())
        payments = await opened(unit_of_work, self.first, SETTLES)
        self.first += SETTLES
        return await _milliseconds(
            [partial(apply, charged(each.id), BY_BENCH) for each in payments]
        )

    async def pages(self) -> float:
        """Return the milliseconds of one page of history."""
        queries = PostgresPaymentQueries(self.database)
        return await _milliseconds(
            [lambda: queries.history(self.student, at_most=PAGE) for _ in range(PAGES)]
        )


async def measure(url: str) -> list[str]:
    """Return what there is to read; the databases are made beside the one at *url*."""
    empty_url, full_url = (
        url.rpartition("/")[0] + f"/{name}" for name in ("bench_empty", "bench_full")
    )
    await _make(url, "bench_empty", filled=False)
    await _make(url, "bench_full", filled=True)
    empty = MeasuredDeployment(Database.connect(DatabaseSettings(url=empty_url)), FEW, 1_000_000)
    full = MeasuredDeployment(Database.connect(DatabaseSettings(url=full_url)), MANY, 1_000_000)
    few = [each.id for each in await opened(PostgresUnitOfWork(empty.database), 1, PAGE + 1)]
    await _execute(
        empty_url,
        f"UPDATE payment SET student_id = '{FEW}', course_id = 'course-' || id"  # noqa: S608 - our own words
        f" WHERE id IN ({', '.join(repr(str(each)) for each in few)})",
    )
    told = [f"{ROUNDS} interleaved rounds, one at a time; milliseconds a run, medians"]
    for name, run in (
        ("settle", MeasuredDeployment.settles),
        ("history page", MeasuredDeployment.pages),
    ):
        before, after = [], []
        for number in range(ROUNDS + 1):
            pair = [await run(empty), await run(full)]
            if number:
                before.append(pair[0])
                after.append(pair[1])
        found = [late / early for early, late in zip(before, after, strict=True)]
        told.append(
            f"  {name:<13} empty {median(before):.2f}, full {median(after):.2f};"
            f" full to empty {median(found):.2f} ({min(found):.2f} to {max(found):.2f})"
        )
    for each in (empty, full):
        await each.database.close()
    return told


async def _make(url: str, name: str, *, filled: bool) -> None:
    await _execute(url, f"CREATE DATABASE {name}")
    own = url.rpartition("/")[0] + f"/{name}"
    database = Database.connect(DatabaseSettings(url=own, statement_timeout=timedelta(minutes=10)))
    await schema.upgrade(database.engine)
    await database.close()
    if filled:
        await _execute(own, FILL.read_text(encoding="utf-8"))
        for table in LOGGED:
            await _execute(own, f"ALTER TABLE {table} SET LOGGED")
    await _execute(own, "VACUUM ANALYZE")


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


async def _milliseconds(work: list[Callable[[], Awaitable[object]]]) -> float:
    began = time.perf_counter()
    for each in work:
        await each()
    return (time.perf_counter() - began) * 1000 / len(work)
