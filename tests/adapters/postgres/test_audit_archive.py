"""Months leave PostgreSQL whole, whenever whoever archives them is ended, and by no other way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

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
from application.audit.delete_archived_months import DeleteArchivedMonths
from application.audit.read_archive import ReadArchive
from application.audit.read_records import ReadRecords
from application.audit.restore_month import RestoreMonth
from application.audit.restore_records import RestoreRecords
from application.audit.verify_trail import VerifyTrail
from conftest import run_sql
from contracts.audit.archive_contract import LONG_AGO, OCTOBER, sealed_in, verified
from contracts.audit.record_archive_contract import decided, received, told
from contracts.postgres_storage import PostgresStorage
from domain.audit.archived_month import DELETED_AFTER, GRACE
from domain.audit.record_kind import RecordKind
from fakes.alerts import AlertBook
from fakes.audit.sealing import CHECK_NOTE, seal
from fakes.clock import StoppedClock
from fakes.samples import payment_id
from worlds.mortal_parts import Fate, Killed, Mortal, mortal, mortal_source

LINES: Final = 5
ACTS: Final = ["archive.exported", "archive.verified", "archive.dropped"]
ENDED: Final = ["archive.retention_ended", "archive.deleted"]
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


async def test_killed_at_any_call_the_file_of_a_month_is_deleted_once(
    storage: PostgresStorage, tmp_path: Path
) -> None:
    """
    With what was restored of it; the log says so before and after, and is whole at each moment and in the end.
    """
    await sealed_in(storage, LONG_AGO, *(f"SK{each}" for each in range(LINES)))
    files = in_folder(tmp_path)
    reader = ReadArchive(storage.archive_register, files, ZstdPacking())
    source = SealedMonths(spans=storage.sealed_spans, archive=reader, keys=(), hot_months=24)
    archive = await archived(storage, source, tmp_path)
    assert await RestoreMonth(reader, storage.restored_months)(LONG_AGO) == LINES
    verify = VerifyTrail(storage.sealed_log, CHECK_NOTE, reader)

    async def whole() -> None:
        await seal(storage.sealed_log)()
        assert (await verify()).size >= LINES

    await killed_while_deleting(storage, archive, lambda mortal: mortal.remove, whole)

    await whole()
    assert (await verify()).gone == range(LINES)
    assert [each.action for each in await storage.audit_lines()] == [*ACTS, *ENDED]
    assert [each.state.value for each in await source.months()] == ["deleted"]
    assert await storage.restored() == {}
    assert left_in(tmp_path) == [str(LONG_AGO)]


async def test_killed_at_any_call_the_file_of_rows_is_deleted_once(
    storage: PostgresStorage, tmp_path: Path
) -> None:
    """
    The register of rows is another one, with triggers of its own.
    """
    kind, rows = RecordKind.INBOX, storage.record_archive
    await received(storage, "1", payment_id(1), LONG_AGO.end - timedelta(hours=1))
    archive = await archived(storage, RecordMonths(kind, rows, ZstdPacking()), tmp_path)
    read = ReadRecords(rows, archive.files, ZstdPacking())
    assert await RestoreRecords(read, storage.restored_months)(kind, LONG_AGO) == 1

    async def on_record() -> None:
        assert [each.month for each in await rows.months(kind)] == [LONG_AGO]

    await killed_while_deleting(
        storage, archive, lambda mortal: partial(mortal.remove_records, kind), on_record
    )

    acts = [each.action for each in await storage.audit_lines()]
    assert [each for each in acts if each in {*ACTS, *ENDED}] == [*ACTS, *ENDED]
    assert [each.state.value for each in await rows.months(kind)] == ["deleted"]
    assert await storage.restored_months.remove_records(kind, LONG_AGO) == 0
    assert left_in(tmp_path) == [f"{kind}-{LONG_AGO}"]


async def archived(storage: PostgresStorage, source: Any, folder: Path) -> ArchiveMonths[Any]:
    """Return what archives *source*; its one month has left the database, and its file is in *folder*."""
    files = in_folder(folder)
    archive = ArchiveMonths(
        source=source,
        files=files,
        manifests=ObjectManifests(files),
        alerts=AlertBook(),
        # Ahead of the database, which says itself when a month was verified, by less than a file stays.
        clock=StoppedClock(datetime.now(UTC) + timedelta(hours=1)),
    )
    for _ in range(2):
        while await archive():
            pass
        await storage.age_archive(GRACE)
    return archive


async def killed_while_deleting(
    storage: PostgresStorage,
    archive: ArchiveMonths[Any],
    remover: Callable[[Any], Callable[..., Awaitable[int]]],
    check: Callable[[], Awaitable[None]],
) -> None:
    """End whoever deletes at each call of each step, before it is begun and after it was done; the next goes on."""
    killed = 0
    for _ in ENDED:
        for at in range(1, RUNS_MAX):
            # The calls before are done again by the next process, so that each is met.
            fate = Fate((at + 1) // 2, after=at % 2 == 0)
            dying = DeleteArchivedMonths(
                source=mortal_source(archive.source, fate),
                files=Mortal(archive.files, fate),
                manifests=Mortal(archive.manifests, fate),
                remove_restored=remover(Mortal(storage.restored_months, fate)),
                clock=archive.clock,
            )
            try:
                while await dying():
                    pass
            except Killed:
                killed += 1
                await check()
            else:
                break
        await storage.age_archive(DELETED_AFTER)
    assert killed >= 18


def left_in(folder: Path) -> list[str]:
    """Return in which folders files are left: that of the manifests, when the file of a month is deleted."""
    return [each.parent.name for each in folder.rglob("*") if each.is_file()]


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
