"""Months leave PostgreSQL whole, whenever whoever archives them is ended, and by no other way."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.objectstore.archive_manifests import ObjectManifests
from adapters.objectstore.store import in_folder
from adapters.postgres import roles
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.zstd.line_packing import ZstdPacking
from application.audit import archive_audit_log, archive_months, archive_records
from application.audit.archive_audit_log import SealedMonths
from application.audit.archive_months import ArchiveMonths
from application.audit.archive_records import RecordMonths
from application.audit.read_archive import ReadArchive
from application.audit.read_records import ReadRecords
from application.audit.verify_trail import VerifyTrail
from conftest import run_sql
from contracts.audit.archive_contract import OCTOBER, sealed_in, verified
from contracts.audit.record_archive_contract import decided, received, told
from contracts.postgres_storage import PostgresStorage
from domain.audit.archived_month import GRACE
from domain.audit.record_kind import RecordKind
from fakes.alerts import AlertBook
from fakes.audit.sealing import CHECK_NOTE
from fakes.clock import StoppedClock
from fakes.samples import payment_id
from worlds.mortal_parts import Fate, Killed, mortal

LINES: Final = 5
ACTS: Final = ["archive.exported", "archive.verified", "archive.dropped"]
RUNS_MAX: Final = 200
FORGED: Final = """
    UPDATE archived_month SET state = 'verified', verified_at = now() - interval '99 days'
"""


@pytest_asyncio.fixture
async def storage(database_url: str) -> AsyncIterator[PostgresStorage]:
    database = Database.connect(DatabaseSettings(url=database_url))
    yield PostgresStorage.on(database)
    await database.close()


@pytest.mark.parametrize(
    "after", [pytest.param(False, marks=pytest.mark.thorough), pytest.param(True)]
)
async def test_killed_at_any_call_each_line_is_archived_once(
    storage: PostgresStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """
    Each run gets one call further than the one before, to the last entry that is dropped; the trail stays whole.
    """
    monkeypatch.setattr(archive_months, "DROPPED_AT_A_TIME", 2)
    monkeypatch.setattr(archive_audit_log, "LINES_AT_A_TIME", 3)
    await sealed_in(storage, OCTOBER, *(f"SK{each}" for each in range(LINES)))
    files = in_folder(tmp_path / "files")
    reader = ReadArchive(storage.archive_register, files, ZstdPacking())
    archive = ArchiveMonths(
        source=SealedMonths(spans=storage.sealed_spans, archive=reader, keys=(), hot_months=24),
        files=files,
        manifests=ObjectManifests(files),
        alerts=AlertBook(),
        clock=StoppedClock(datetime.now(UTC) + timedelta(days=1)),
    )
    verify = VerifyTrail(storage.sealed_log, CHECK_NOTE, reader)
    killed, aged = 0, False
    for at in range(1, RUNS_MAX):
        try:
            while await mortal(archive, Fate(at, after))():
                pass
        except Killed:
            killed += 1
            assert (await verify()).size == LINES
        else:
            if aged:
                break
            await storage.age_archive(GRACE)
            aged = True

    assert killed >= 10
    assert [each.action for each in await storage.audit_lines()] == ACTS
    assert (await verify()).size == LINES
    (month,) = await storage.archive_register.months()
    assert (month.state.value, len(month.manifest.span)) == ("dropped", LINES)


@pytest.mark.parametrize("kind", RecordKind)
async def test_killed_at_any_call_each_row_is_archived_once(
    storage: PostgresStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: RecordKind
) -> None:
    """
    Of each kind: whenever it is, a row is in the database or in a file that was read back, and at the end in one.
    """
    monkeypatch.setattr(archive_months, "DROPPED_AT_A_TIME", 2)
    monkeypatch.setattr(archive_records, "LINES_AT_A_TIME", 2)
    for number in range(1, LINES + 1):
        if kind is RecordKind.INBOX:
            await received(storage, str(number), payment_id(number))
        elif kind is RecordKind.OUTBOX:
            await told(storage, payment_id(number))
        else:
            await decided(storage, number)
    files = in_folder(tmp_path / "files")
    rows = storage.record_archive
    archive = ArchiveMonths(
        source=RecordMonths(kind, rows, ZstdPacking()),
        files=files,
        manifests=ObjectManifests(files),
        alerts=AlertBook(),
        clock=StoppedClock(datetime.now(UTC) + timedelta(days=1)),
    )
    whole = await rows.lines(kind, OCTOBER, at_most=99)
    read, killed, aged = ReadRecords(rows, files, ZstdPacking()), 0, False
    for at in range(1, RUNS_MAX):
        try:
            while await mortal(archive, Fate(at, after=True))():
                pass
        except Killed:
            killed += 1
            kept = {bytes(each) for each in await rows.lines(kind, OCTOBER, at_most=99)}
            assert kept | await filed(read, kind) == {bytes(each) for each in whole}
        else:
            if aged:
                break
            await storage.age_archive(GRACE)
            aged = True

    assert killed >= 10
    assert await rows.lines(kind, OCTOBER, at_most=99) == []
    (month,) = await rows.months(kind)
    async with read.opened(month) as lines:
        assert [*lines] == [bytes(each) for each in whole]
    acts = [each.action for each in await storage.audit_lines()]
    assert [each for each in acts if each in ACTS] == ACTS
    (folder,) = (tmp_path / "files" / "audit-archive").iterdir()
    assert len([*folder.iterdir()]) == 1


async def filed(read: ReadRecords, kind: RecordKind) -> set[bytes]:
    """Return the lines of months that were read back."""
    found: set[bytes] = set()
    for month in await read.rows.months(kind):
        if month.holds_lines:
            async with read.opened(month) as lines:
                found |= {*lines}
    return found


async def test_whoever_serves_cannot_date_a_month_back(
    storage: PostgresStorage, database_url: str
) -> None:
    """
    When a month was verified the database says itself, and a month that is on record stays as it is.
    """
    await sealed_in(storage, OCTOBER, "SK1")
    await verified(storage, OCTOBER)
    await run_sql(database_url, FORGED)

    (month,) = await storage.archive_register.months()
    assert month.verified_at is not None
    connection = await asyncpg.connect(database_url)
    now = await connection.fetchval("SELECT now()")
    assert now - month.verified_at < timedelta(days=1)
    for bent in (
        "UPDATE archived_month SET first_leaf = first_leaf - 1",
        "UPDATE archived_month SET stop_leaf = stop_leaf + 9",
        "DELETE FROM archived_month",
        "TRUNCATE archived_month",
        "INSERT INTO archived_month SELECT month + 31, 5, 9, 'verified', manifest, now() FROM archived_month",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(bent)
    await connection.close()


async def test_whoever_serves_drops_by_the_function_alone(
    storage: PostgresStorage, database_url: str
) -> None:
    """
    The role has no right to delete from the audit log; by the function it deletes what may go, and nothing else.
    """
    await run_sql(
        database_url,
        "DO $$ BEGIN CREATE ROLE dropping LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    )
    await roles.apply_grants(storage.database.engine, "dropping")
    await sealed_in(storage, OCTOBER, "SK1", "SK2")
    await verified(storage, OCTOBER)
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET ROLE dropping")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM audit_log")
    with pytest.raises(asyncpg.PostgresError, match="only ever added to"):
        await connection.execute("SELECT shulk_drop_entries(0, 2)")
    await storage.age_archive(GRACE)
    assert await connection.fetchval("SELECT shulk_drop_entries(0, 2)") == 2
    await connection.close()
