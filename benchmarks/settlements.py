"""
How fast reports of the bank are imported and reconciled, beside DuckDB, in how much memory, and beside old lines.

``BENCH_LINES`` says how many lines are imported, ``BENCH_OLD_LINES`` how many were settled long ago. Each import, each
run and each yardstick is a process of its own, so that its memory is its own.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from benchmarks.deployment import ROOT, deployment_on, parent_of
from benchmarks.processor_time import processor_seconds
from benchmarks.settlement_books import DAY_LINES, report, sell, settle_long_ago
from entrypoints.cli.embedded import embedded_postgres, embedded_valkey

LINES: Final = 100_000
OLD_LINES: Final = 1_000_000
FEW: Final = 10_000
ODD: Final = 7
"""The remainder of the numbers of sales, by five hundred, of which the bank takes a fee that was not agreed."""

SALES: Final = """
    SELECT x.payment_id, x.amount_paise, p.method, p.bank_reference AS rrn,
           p.captured_at AT TIME ZONE 'Asia/Kolkata' AS paid_at
    FROM expectation x JOIN payment p ON p.id = x.payment_id WHERE x.settled_file IS NULL
"""
LIMIT: Final = timedelta(hours=1)
"""For one step of the benchmark, whatever hangs."""


def measure() -> list[str]:
    """Return what there is to read; the servers are started for it, in a folder of its own."""
    lines = int(os.environ.get("BENCH_LINES", LINES))
    old = int(os.environ.get("BENCH_OLD_LINES", OLD_LINES))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept:
        folder = Path(kept)
        with (
            embedded_postgres(folder / "postgres") as url,
            embedded_valkey(folder / "valkey") as redis_url,
        ):
            variables = dict(deployment_on(folder, url, redis_url).variables)
            return [
                *asyncio.run(_imports(folder, url, variables, lines)),
                *asyncio.run(_night(folder, url, variables, old)),
            ]


async def _imports(folder: Path, url: str, variables: dict[str, str], lines: int) -> list[str]:
    database = Database.connect(DatabaseSettings(url=url))
    await schema.upgrade(database.engine)
    await database.close()
    connection = await asyncpg.connect(url, command_timeout=LIMIT.total_seconds())
    await sell(connection, 1, FEW)
    few = await report(connection, folder, 1, FEW)
    begin, end = 1_000_000, 1_000_000 + lines - 1
    await sell(connection, begin, end)
    many = await report(connection, folder, begin, end)
    await connection.copy_from_query(SALES, output=folder / "ours.csv", format="csv", header=True)
    await connection.execute("CHECKPOINT")
    server = parent_of(await connection.fetchval("SELECT pg_backend_pid()"))
    small = _step("import", variables, server, *few)
    yardstick = _step("duckdb", variables, server, folder / "bench.duckdb", *many)
    large = _step("import", variables, server, *many)
    joined = _step("join", variables, server, folder / "bench.duckdb", folder / "ours.csv")
    run = _step("run", variables, server)
    stored = await connection.fetchval("SELECT count(*) FROM settlement_line WHERE mid <> 'OLD'")
    await connection.close()
    odd = sum(1 for n in range(begin, end + 1) if n % 500 == ODD)  # and as many of the few
    odd_few = sum(1 for n in range(1, FEW + 1) if n % 500 == ODD)
    if run["matched"] != lines + FEW - odd - odd_few or joined["matched"] != lines:
        raise RuntimeError(f"{run['matched']} and {joined['matched']} lines matched of {lines}")
    if stored != lines + FEW or yardstick["lines"] != lines:
        raise RuntimeError(f"{stored} and {yardstick['lines']} lines are there instead of {lines}")
    return [
        f"import of {lines:,} lines in {len(many)} files, durable, with keys, beside DuckDB's",
        (
            f"  seconds: ours {large['seconds']:.1f}, DuckDB {yardstick['seconds']:.1f},"
            f" its time to ours {yardstick['seconds'] / large['seconds']:.2f}"
        ),
        (
            f"  of the processor: ours {large['processor']:.1f} and PostgreSQL's {large['postgres']:.1f},"
            f" DuckDB {yardstick['processor']:.1f}, its time to ours"
            f" {yardstick['processor'] / (large['processor'] + large['postgres']):.2f}"
        ),
        (
            f"  MiB: {small['mebibytes']:.0f} for {FEW:,} lines, {large['mebibytes']:.0f} for {lines:,},"
            f" {large['before']:.0f} before the first; DuckDB {yardstick['mebibytes']:.0f}"
        ),
        f"run of {lines + FEW:,} lines against as many sales, settled and posted, beside DuckDB's join and update",
        (
            f"  seconds: ours {run['seconds']:.1f}, DuckDB {joined['seconds']:.1f},"
            f" its time to ours {joined['seconds'] / run['seconds']:.2f}"
        ),
        (
            f"  of the processor: ours {run['processor']:.1f} and PostgreSQL's {run['postgres']:.1f},"
            f" DuckDB {joined['processor']:.1f}, its time to ours"
            f" {joined['processor'] / (run['processor'] + run['postgres']):.2f}"
        ),
        f"  MiB: ours at most {run['mebibytes']:.0f}, {run['before']:.0f} before; DuckDB {joined['mebibytes']:.0f}",
        _together([large, run], [yardstick, joined]),
    ]


def _together(ours: list[dict[str, Any]], duckdb: list[dict[str, Any]]) -> str:
    """Return what import and run take together, beside all that DuckDB does for the same."""
    spent = sum(each["processor"] + each["postgres"] for each in ours)
    clock, processor = (sum(each[by] for each in duckdb) for by in ("seconds", "processor"))
    seconds = sum(each["seconds"] for each in ours)
    return (
        f"import and run together: {seconds:.1f} seconds, DuckDB {clock:.1f}, its time to ours {clock / seconds:.2f};"
        f" of the processor {spent:.1f} and {processor:.1f}, {processor / spent:.2f}"
    )


async def _night(folder: Path, url: str, variables: dict[str, str], old: int) -> list[str]:
    own = url.rpartition("/")[0] + "/bench_night"
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE bench_night")
    await connection.close()
    database = Database.connect(DatabaseSettings(url=own))
    await schema.upgrade(database.engine)
    await database.close()
    connection = await asyncpg.connect(own, command_timeout=LIMIT.total_seconds())
    await settle_long_ago(connection, old)
    await sell(connection, 1, DAY_LINES)
    files = await report(connection, folder, 1, DAY_LINES, odd=False)
    server = parent_of(await connection.fetchval("SELECT pg_backend_pid()"))
    await connection.close()
    variables = {**variables, "SHULK_DATABASE_URL": own}
    imported = _step("import", variables, server, *files)
    run = _step("run", variables, server)
    if run["matched"] != DAY_LINES:
        raise RuntimeError(f"{run['matched']} lines matched instead of {DAY_LINES}")
    both = [imported["processor"] + imported["postgres"], run["processor"] + run["postgres"]]
    return [
        f"a night of {DAY_LINES:,} lines beside {old:,} old ones",
        (
            f"  seconds: import {imported['seconds']:.1f}, run {run['seconds']:.1f}; of the processor,"
            f" PostgreSQL's included: {both[0]:.1f}, {both[1]:.1f}; at most {run['mebibytes']:.0f} MiB"
        ),
    ]


def _step(name: str, variables: dict[str, str], postgres: int, *paths: Path) -> dict[str, Any]:
    """Return what one process told of a step, and what it made PostgreSQL do; it is ended when it takes too long."""
    before = processor_seconds(postgres)
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "benchmarks.settlement_steps", name, *map(str, paths)],
        env={**os.environ, **variables, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}:{ROOT / 'tests'}"},
        check=True,
        capture_output=True,
        text=True,
        timeout=LIMIT.total_seconds(),
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**told, "postgres": processor_seconds(postgres) - before}
