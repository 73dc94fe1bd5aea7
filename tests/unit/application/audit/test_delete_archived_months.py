"""Files of archived months are deleted when no law wants them, and not a day before; whatever fails, once."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

import pytest

from application.audit.archive_months import ArchiveInTurn
from application.audit.delete_archived_months import DeleteArchivedMonths
from application.audit.read_records import ReadRecords
from application.audit.restore_records import RestoreRecords
from application.audit.seal_audit_log import SealAuditLog
from contracts.audit.archive_contract import HELD, OCTOBER
from contracts.audit.record_archive_contract import DECISIONS, INBOX, MINE
from contracts.storage import BY_MIRA
from domain.audit.archived_month import DELETED_AFTER
from domain.audit.record_kind import RecordKind
from domain.audit.trail import TrailBroken
from domain.business_day import business_day_start
from domain.errors import NotFound
from fakes.audit.checkpoint_signer import SIGNER
from fakes.audit.line_packing import PlainPacking
from fakes.audit.sealing import counted_salts
from fakes.samples import payment_id
from ports.audit.archive_register import DropRefused
from ports.file_store import FileHash
from unit.application.audit.test_archive_audit_log import two_months
from unit.application.audit.test_archive_records import rows_of
from worlds.archived_rows import ArchivedRows
from worlds.archived_trail import ArchivedTrail
from worlds.mortal_parts import Fate, Killed, Mortal

OVER: Final = business_day_start(date(2032, 4, 1))
"""The first instant at which nothing of October and November 2023 has to be kept, in India."""

STEPS: Final = ["archive.retention_ended", "archive.deleted"]


async def no_restored(_: object) -> int:
    return 0


def deleting(world: ArchivedTrail | ArchivedRows, **others: Any) -> DeleteArchivedMonths[Any]:
    archive = world.archive
    given: dict[str, Any] = {
        "source": archive.source,
        "files": archive.files,
        "manifests": archive.manifests,
        "remove_restored": no_restored,
        "clock": archive.clock,
    }
    return DeleteArchivedMonths(**given | others)


async def dropped(kind: RecordKind = INBOX) -> ArchivedRows:
    """Return a world in which both months have left the database, on the last day on which their files are kept."""
    rows = await rows_of(kind)
    await rows.drop_all()
    rows.clock.move(timedelta(days=31))
    await rows.drop_all()
    rows.clock.at = OVER - timedelta(seconds=1)
    return rows


async def run(world: ArchivedTrail | ArchivedRows) -> int:
    delete, taken = deleting(world), 0
    while await delete():
        taken += 1
    return taken


def acts(world: ArchivedTrail | ArchivedRows) -> list[tuple[str, str]]:
    return [
        (each.action.removeprefix("archive."), each.subject[-2:])
        for each in world.memory.store.audit
        if each.action in {*STEPS, "archive.kept"}
    ]


@pytest.mark.parametrize("kind", RecordKind)
async def test_a_file_leaves_when_no_law_wants_it(kind: RecordKind) -> None:
    """
    On 1 April in India, eight years after its financial year; the next day it is gone, and its hash stays.
    """
    rows = await dropped(kind)
    assert [await run(rows), await deleting(rows).due(), len(rows.filed)] == [0, [], 2]
    rows.clock.at = OVER
    assert [each.state for each in await deleting(rows).due()] == ["dropped", "dropped"]

    assert await run(rows) == 2
    assert [len(rows.filed), *(await rows.states()).values()] == [2, "deleting", "deleting"]
    assert len(await deleting(rows).due()) == 2
    rows.clock.move(DELETED_AFTER - timedelta(seconds=1))
    assert [await run(rows), len(rows.filed)] == [0, 2]
    rows.clock.move(timedelta(seconds=1))
    assert [await run(rows), rows.filed, await run(rows)] == [2, [], 0]

    first, _ = await rows.memory.record_archive.months(kind)
    assert (first.state, first.deleted_at, first.manifest.count) == ("deleted", rows.clock.at, 3)
    assert await deleting(rows).due() == []
    assert acts(rows) == [
        (step, at) for step in ("retention_ended", "deleted") for at in ("10", "11")
    ]
    told = [each for each in rows.memory.store.audit if each.action == "archive.deleted"]
    assert told[0].facts["sha256"] == first.manifest.sha256
    assert not first.holds_lines


async def test_a_hold_keeps_its_file_alone() -> None:
    """
    Of two months of webhooks the other one leaves; of decisions none, as they leave in their order.
    """
    for kind, states in ((INBOX, ["dropped", "deleting"]), (DECISIONS, ["dropped", "dropped"])):
        rows = await dropped(kind)
        rows.clock.at = OVER
        await rows.memory.personal_records.hold(MINE, BY_MIRA)

        await run(rows)

        assert [*(await rows.states()).values()] == states
        assert len(await deleting(rows).due()) == states.count("deleting")
        await rows.memory.personal_records.release(MINE, BY_MIRA)
        await run(rows)
        assert {*(await rows.states()).values()} == {"deleting"}


async def test_a_hold_that_is_set_meanwhile_keeps_the_file() -> None:
    """
    Within the day before it is deleted: it is read again, and its time ends anew when the hold is released.
    """
    rows = await dropped()
    rows.clock.at = OVER
    await run(rows)
    await rows.memory.personal_records.hold(MINE, BY_MIRA)
    rows.clock.move(DELETED_AFTER)

    await run(rows)

    assert await rows.states() == {"2023-10": "dropped", "2023-11": "deleted"}
    assert ("kept", "10") in acts(rows)
    read = ReadRecords(rows.memory.record_archive, rows.shelf, PlainPacking())
    assert len([each async for each in read(MINE)]) == 1
    await rows.memory.personal_records.release(MINE, BY_MIRA)
    assert await run(rows) == 1
    assert (await rows.states())["2023-10"] == "deleting"


async def test_a_hold_between_look_and_step_is_seen_by_the_register() -> None:
    """
    The register looks once more in the transaction of the step, and then nothing is recorded.
    """
    rows = await dropped()
    rows.clock.at = OVER
    source: Any = rows.archive.source

    class Blind:
        """Says of no payment that it is under legal hold."""

        def __getattr__(self, name: str) -> Any:
            return getattr(rows.memory.record_archive, name)

        async def held_in_file(self, *_: object) -> list[str]:
            return []

    for payment in (MINE, payment_id(4)):
        await rows.memory.personal_records.hold(payment, BY_MIRA)
    assert await deleting(rows, source=replace(source, rows=Blind()))() == 0
    assert {*(await rows.states()).values()} == {"dropped"}
    assert acts(rows) == []


async def test_a_file_that_is_gone_already_is_deleted() -> None:
    """
    By whatever it was, also when a hold was set since: there is nothing to keep. A damaged one is there.
    """
    for bent, state in ((None, "deleted"), (b"other", "dropped")):
        rows = await dropped()
        rows.clock.at = OVER
        await run(rows)
        rows.clock.move(DELETED_AFTER)
        (month, _) = await rows.memory.record_archive.months(INBOX)
        file = FileHash(month.manifest.sha256)
        if bent is None:
            del rows.shelf.files[file]
        else:
            rows.shelf.files[file] = bent
        await rows.memory.personal_records.hold(MINE, BY_MIRA)

        await run(rows)

        assert (await rows.states())["2023-10"] == state
        assert len(rows.shelf.files) == (bent is not None)


async def test_a_locked_file_stays_and_holds_no_other_back() -> None:
    """
    The store's lock runs longer: each run asks again, records nothing, and ends.
    """
    rows = await dropped()
    rows.clock.at = OVER
    await run(rows)
    rows.clock.move(DELETED_AFTER)
    (month, _) = await rows.memory.record_archive.months(INBOX)
    rows.shelf.locked.add(FileHash(month.manifest.sha256))

    assert await run(rows) == 1
    assert await run(rows) == 0
    assert await rows.states() == {"2023-10": "deleting", "2023-11": "deleted"}
    assert len(rows.filed) == 1
    rows.shelf.locked.clear()
    assert await run(rows) == 1
    assert rows.filed == []


async def test_files_that_were_out_of_date_leave_with_the_last_one() -> None:
    """
    A month that was exported anew has two files, and rows in both.
    """
    rows = await rows_of(INBOX)
    await rows.run()
    store = rows.memory.store
    store.inbox[2] = replace(store.inbox[2], copies=2)
    rows.clock.at = OVER
    for _ in range(3):
        await rows.drop_all()
    assert (await rows.states())["2023-10"] == "dropped"
    assert len(rows.filed) == 3
    await run(rows)
    rows.clock.move(DELETED_AFTER)
    await run(rows)

    assert rows.filed == []


async def test_what_was_restored_leaves_with_the_file() -> None:
    """
    It is the same data, in a table; afterwards the month is not in the archive.
    """
    rows = await dropped()
    read = ReadRecords(rows.memory.record_archive, rows.shelf, PlainPacking())
    restore = RestoreRecords(read, rows.memory.restored_months)
    assert await restore(INBOX, OCTOBER) == 3
    rows.clock.at = OVER
    await run(rows)
    rows.clock.move(DELETED_AFTER)
    delete = deleting(rows, remove_restored=partial(restore.remove, INBOX))
    turn = ArchiveInTurn([], [delete])

    assert [await turn(), await turn(), await turn()] == [1, 1, 0]

    assert rows.memory.store.restored_records == {}
    with pytest.raises(NotFound):
        await restore(INBOX, OCTOBER)
    assert [each async for each in read(MINE)] == []


async def test_whoever_is_ended_at_any_call_leaves_the_rest_to_the_next() -> None:
    """
    Also between the file and the row: each month is deleted once, with two entries of the audit log.
    """
    for after in (False, True):
        killed, is_killed = 0, True
        while is_killed:
            rows = await dropped()
            rows.clock.at = OVER
            fate = Fate(killed + 1, after)
            archive: Any = rows.archive
            dying = deleting(
                rows,
                files=Mortal(rows.shelf, fate),
                manifests=Mortal(rows.manifests, fate),
                source=replace(archive.source, rows=Mortal(archive.source.rows, fate)),
            )
            try:
                for _ in range(2):
                    while await dying():
                        pass
                    rows.clock.move(DELETED_AFTER)
                is_killed = False
            except Killed:
                killed += 1
            for _ in range(2):
                await run(rows)
                rows.clock.move(DELETED_AFTER)

            assert {*(await rows.states()).values()} == {"deleted"}
            assert rows.filed == []
            assert sorted(acts(rows)) == sorted(
                (step.removeprefix("archive."), at) for step in STEPS for at in ("10", "11")
            )
        assert killed > 10


async def ended() -> ArchivedTrail:
    """Return a trail of two months that have left the database, and whose time ends now."""
    trail = await two_months()
    await trail.drop_all()
    trail.clock.move(timedelta(days=31))
    await trail.drop_all()
    trail.clock.at = OVER
    return trail


async def seal(trail: ArchivedTrail) -> None:
    sealing = SealAuditLog(trail.memory.sealed_log, SIGNER, counted_salts(), trail.clock)
    while await sealing():
        pass


async def test_the_trail_is_whole_without_lines_whose_time_has_ended() -> None:
    """
    Before they are deleted, in between, and after; which they are is told.
    """
    trail = await ended()
    await run(trail)
    await seal(trail)
    assert (await trail.verify()).gone == range(0)
    (first, second) = await trail.register.months()
    del trail.shelf.files[FileHash(first.manifest.sha256)]
    assert (await trail.verify()).gone == range(3)
    trail.clock.move(DELETED_AFTER)
    await run(trail)

    found = await trail.verify()

    assert (found.gone, trail.shelf.files) == (range(4), {})
    assert [each async for each in trail.reader.search("SK1")] == []
    assert (await trail.register.months())[1] == replace(
        *(second,),
        state="deleted",
        ended_at=OVER,
        deleted_at=trail.clock.at,
    )


async def test_lines_are_not_gone_by_what_the_register_alone_says() -> None:
    """
    A month that is called deleted, with no sealed entry that says so: the trail is broken at its first line.
    """
    trail = await ended()
    months = trail.memory.store.archived_months
    trail.shelf.files.clear()
    for month, each in months.items():
        months[month] = each.ended(OVER).deleted(OVER)
    await seal(trail)

    with pytest.raises(TrailBroken, match="index 0: the line is gone, and no entry tells why"):
        await trail.verify()


async def test_a_hold_keeps_its_month_of_the_audit_log_and_those_after_it() -> None:
    """
    Also one of which not all was noted.
    """
    trail = await ended()
    await trail.memory.personal_records.hold(HELD, BY_MIRA)
    assert [await run(trail), await deleting(trail).due()] == [0, []]
    trail.memory.store.noted_subjects.clear()
    await trail.memory.personal_records.release(HELD, BY_MIRA)
    await trail.memory.personal_records.hold(payment_id(4), BY_MIRA)
    assert await run(trail) == 0
    await trail.memory.personal_records.release(payment_id(4), BY_MIRA)
    assert await run(trail) == 2


async def test_the_register_keeps_a_file_before_its_time() -> None:
    """
    Whatever whoever asks takes the day for.
    """
    trail = await ended()
    (month, _) = await trail.register.months()
    trail.clock.at = OVER - timedelta(seconds=1)

    with pytest.raises(DropRefused, match="no law"):
        await trail.register.record(month.ended(OVER), month, BY_MIRA)


async def test_of_two_who_delete_at_once_one_leaves_the_step_to_the_other() -> None:
    """
    The slower one has nothing to do.
    """
    rows = await dropped()
    rows.clock.at = OVER
    stale = await rows.memory.record_archive.months(INBOX)
    await run(rows)

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(rows.memory.record_archive, name)

        async def months(self, _: object) -> Any:
            return stale

    source: Any = rows.archive.source
    assert await deleting(rows, source=replace(source, rows=Slow()))() == 0
