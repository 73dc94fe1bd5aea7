"""
What it takes to archive a month of the audit log: seconds and memory, for a large month beside one of a tenth.

Memory is flat when both take the same. ``BENCH_AUDIT_LINES`` says how many lines the large month has; it is made for
ten million. Each month is archived by a process of its own, so that its peak is its own. Before that it is written and
sealed, by the statements and the use case of every day.
"""

import asyncio
import os
import resource
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from adapters.ed25519.note_signatures import NoteKey, NoteSigner
from adapters.objectstore.archive_manifests import ObjectManifests
from adapters.objectstore.store import in_folder
from adapters.postgres import schema
from adapters.postgres.audit.archive_register import PostgresArchiveRegister
from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.audit.sealed_spans import PostgresSealedSpans
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.system.alerts import LoggedAlerts
from adapters.zstd.line_packing import ZstdPacking
from application.audit.archive_audit_log import SealedMonths
from application.audit.archive_months import ArchiveMonths
from application.audit.read_archive import ReadArchive
from application.audit.seal_audit_log import SealAuditLog
from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.audit_line import SALT_BYTES
from entrypoints.cli.embedded import embedded_postgres

LINES: Final = 200_000
SMALL: Final = 10
"""The first month has so much less."""

AT_A_TIME: Final = 100_000
ROOT: Final = Path(__file__).parents[1]
ADDRESS: Final = "BENCH_DATABASE_URL"
FILES: Final = "BENCH_FILES"
MEBI: Final = 1024
"""Of the units in which the system tells the peak of a process."""

MONTHS: Final = (datetime(2023, 10, 9, tzinfo=UTC), datetime(2023, 11, 9, tzinfo=UTC))
WRITTEN: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, from_state, to_state, ip, user_agent,
                           correlation_id, facts)
    SELECT CAST($1 AS timestamptz), 'bank', 'poll', 'payment.moved', 'SK' || substr(md5(n::text), 1, 18), 'pending',
           'success', '192.0.2.' || n % 250, 'curl', md5(n::text),
           jsonb_build_object('bank_txn_id', md5(n::text), 'amount', n::text)
    FROM generate_series(1, CAST($2 AS integer)) n
"""
AGED: Final = """
    ALTER TABLE archived_month DISABLE TRIGGER USER;
    UPDATE archived_month SET verified_at = verified_at - interval '30 days';
    ALTER TABLE archived_month ENABLE TRIGGER USER
"""
ROOMY: Final = "ALTER SYSTEM SET max_wal_size = '4GB'"
RELOADED: Final = "SELECT pg_reload_conf()"
"""A large month is written within minutes, and without it each page of an index is written to the log very often."""

EMPTIED: Final = """
    SET session_replication_role = replica; DELETE FROM audit_log; RESET session_replication_role
"""
"""The steps of the schema are of today, and no part of these months."""


class FixedClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


async def fill(database: Database, lines: int, at: datetime) -> str:
    """Write so many *lines* at the instant *at*, and seal them then; return what both took."""
    signer = NoteSigner([NoteKey("bench.example/audit", bytes(range(32)))])
    salt = partial(secrets.token_bytes, SALT_BYTES)
    seal = SealAuditLog(PostgresSealedLog(database), signer, salt, FixedClock(at))
    began = time.perf_counter()
    async with database.borrow() as connection:
        for first in range(0, lines, AT_A_TIME):
            await connection.driver.execute(WRITTEN, at, min(AT_A_TIME, lines - first))
    written, left = time.perf_counter(), lines
    while left:
        count = await seal()
        left -= count
        if not count:
            # The server looks after its tables now and then; its transaction holds sealing back as any other.
            await asyncio.sleep(0.1)
    sealed = time.perf_counter() - written
    return f"  {lines} lines: written {written - began:.1f} s, sealed {sealed:.1f} s"


def archiving(database: Database, folder: Path) -> ArchiveMonths[ArchiveManifest]:
    files = in_folder(folder)
    return ArchiveMonths(
        source=SealedMonths(
            spans=PostgresSealedSpans(database),
            archive=ReadArchive(PostgresArchiveRegister(database), files, ZstdPacking()),
            keys=(),
            hot_months=24,
        ),
        files=files,
        manifests=ObjectManifests(files),
        alerts=LoggedAlerts(),
        # A day ahead of the database, which says itself when a month was verified.
        clock=FixedClock(datetime.now(UTC) + timedelta(days=1)),
    )


async def archive_next(database: Database, folder: Path) -> list[str]:
    """Take the next month from export to drop; return what each step took, and the peak of this process."""
    archive, register = archiving(database, folder), PostgresArchiveRegister(database)
    told = []
    for step in ("exported", "verified", "dropped"):
        if step == "dropped":
            async with database.borrow() as connection:
                await connection.driver.execute(AGED)
        began = time.perf_counter()
        if not await archive():
            raise RuntimeError("no month is due")
        told.append(f"{step} {time.perf_counter() - began:.1f} s")
    month = (await register.months())[-1]
    count, size = len(month.manifest.span), month.manifest.size_bytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBI
    return [
        f"  {count} lines: {', '.join(told)}; {size / count:.0f} bytes a line in the file; peak {peak:.0f} MiB"
    ]


async def compare(url: str, folder: Path, lines: int) -> list[str]:
    """Return what a month of a tenth of *lines* takes, and then one of all of them."""
    database = Database.connect(DatabaseSettings(url=url, statement_timeout=timedelta(minutes=5)))
    await schema.upgrade(database.engine)
    async with database.borrow() as connection:
        for statement in (EMPTIED, ROOMY, RELOADED):
            await connection.driver.execute(statement)
    told = ["an archived month of the audit log, from its export to its last entry that is dropped"]
    for at, count in zip(MONTHS, (lines // SMALL, lines), strict=True):
        told.append(await fill(database, count, at))
    for _ in MONTHS:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __spec__.name),
            env={**os.environ, ADDRESS: url, FILES: str(folder)},
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError("the month was not archived")
        told.append(said.decode().rstrip("\n"))
    await database.close()
    return told


def measure() -> list[str]:
    """Return what there is to read; a PostgreSQL is started for it, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,
        embedded_postgres(Path(kept) / "postgres") as url,
    ):
        lines = int(os.environ.get("BENCH_AUDIT_LINES", LINES))
        return asyncio.run(compare(url, Path(kept) / "files", lines))


async def _one() -> None:
    database = Database.connect(DatabaseSettings(url=os.environ[ADDRESS], pool_size=2))
    print("\n".join(await archive_next(database, Path(os.environ[FILES]))))
    await database.close()


if __name__ == "__main__":
    asyncio.run(_one())
