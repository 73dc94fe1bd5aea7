"""Rows on record leave the database month by month, and nothing of them is lost, whatever fails."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from application.audit import archive_records
from application.audit.archive_months import ArchiveInTurn
from application.audit.read_records import ReadRecords
from application.audit.restore_records import RestoreRecords
from contracts.audit.archive_contract import NOVEMBER, OCTOBER
from contracts.audit.record_archive_contract import (
    DECISIONS,
    INBOX,
    LAST_HOUR,
    MINE,
    OTHERS,
    OUTBOX,
    decided,
    received,
    told,
)
from contracts.storage import BY_MIRA
from domain.audit.archived_month import GRACE
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.trail import TrailBroken
from domain.errors import NotFound
from domain.payments.payment_state import State
from fakes.audit.line_packing import PlainPacking
from fakes.samples import payment_id
from unit.application.audit.test_archive_audit_log import Bent
from worlds.archived_rows import ArchivedRows
from worlds.archived_trail import ArchivedTrail
from worlds.mortal_parts import Fate, Killed, Mortal

OUT_OF_DATE: Final = "its file was lost or is out of date, and is exported anew"


async def rows_of(kind: RecordKind) -> ArchivedRows:
    """Return a world with rows about three payments in October, and about a fourth in November."""
    rows = ArchivedRows(kind)
    for number in (1, 2, 3, 4):
        at = NOVEMBER.end - timedelta(hours=1) if number == 4 else LAST_HOUR
        if kind is INBOX:
            await received(rows.memory, str(number), payment_id(number), at)
        elif kind is OUTBOX:
            await told(rows.memory, payment_id(number), at)
        else:
            await decided(rows.memory, number, at)
    return rows


@pytest.mark.parametrize("kind", RecordKind)
async def test_a_month_leaves_step_by_step(kind: RecordKind) -> None:
    """
    When it has been over for as long as its kind stays at hand; each step is one of the audit log, with the hashes.
    """
    rows = await rows_of(kind)
    before = [
        bytes(each) for each in await rows.memory.record_archive.lines(kind, OCTOBER, at_most=9)
    ]
    rows.clock.at -= timedelta(seconds=1)
    assert [await rows.archive(), await rows.states()] == [0, {}]
    rows.clock.move(timedelta(seconds=1))

    assert [await rows.archive(), await rows.states()] == [1, {"2023-10": "exported"}]
    assert [await rows.archive(), await rows.states()] == [1, {"2023-10": "verified"}]
    assert await rows.archive() == 0
    rows.clock.move(GRACE - timedelta(hours=1))
    assert await rows.left() == [payment_id(number) for number in (1, 2, 3)]
    rows.clock.move(timedelta(hours=1))
    assert await rows.archive() == 1

    assert (await rows.states())["2023-10"] == "dropped"
    assert (await rows.left(), await rows.left(NOVEMBER)) == ([], [payment_id(4)])
    assert rows.filed == [before]
    acts = [each for each in rows.memory.store.audit if each.subject == f"{kind}:2023-10"]
    steps = ["archive.exported", "archive.verified", "archive.dropped"]
    assert [each.action for each in acts] == steps
    (month, *_) = await rows.memory.record_archive.months(kind)
    assert (acts[2].facts["count"], acts[2].facts["sha256"]) == ("3", month.manifest.sha256)
    assert await rows.memory.record_archive.months_about(OTHERS) == [month]


async def test_nothing_is_due_where_nothing_is_on_record() -> None:
    """
    A house that just began has no months.
    """
    assert await ArchivedRows(INBOX).archive() == 0


@pytest.mark.parametrize("kind", [INBOX, OUTBOX])
async def test_a_legal_hold_keeps_its_month_alone(kind: RecordKind) -> None:
    """
    It is archived all the same; the next month leaves, and this one when the hold is released.
    """
    rows = await rows_of(kind)
    await rows.memory.personal_records.hold(MINE, BY_MIRA)
    await rows.drop_all()
    rows.clock.move(timedelta(days=31))
    await rows.drop_all()

    assert await rows.states() == {"2023-10": "verified", "2023-11": "dropped"}
    assert len(await rows.left()) == 3
    await rows.memory.personal_records.release(MINE, BY_MIRA)
    await rows.run()
    assert await rows.states() == {"2023-10": "dropped", "2023-11": "dropped"}


async def test_what_payments_were_decided_on_leaves_in_its_order() -> None:
    """
    A payment that is not at its end keeps its month and those after it: none is rebuilt from its middle on.
    """
    rows = await rows_of(DECISIONS)
    be_in(rows, State.PENDING)
    await rows.drop_all()
    rows.clock.move(timedelta(days=31))
    await rows.drop_all()
    assert await rows.states() == {"2023-10": "verified", "2023-11": "verified"}

    be_in(rows, State.EXPIRED)
    await rows.run()

    assert await rows.states() == {"2023-10": "dropped", "2023-11": "dropped"}


def be_in(rows: ArchivedRows, state: State) -> None:
    payments = rows.memory.store.payments
    payments[OTHERS] = replace(payments[OTHERS], state=state)


async def test_a_row_that_changed_since_is_exported_anew() -> None:
    """
    A copy of an old webhook came: the file is out of date, and nothing is dropped before another was read back.
    """
    rows = await rows_of(INBOX)
    await rows.run()
    store = rows.memory.store
    store.inbox[2] = replace(store.inbox[2], copies=2)
    rows.clock.move(GRACE)
    await rows.run()

    assert (await rows.states())["2023-10"] == "verified"
    assert len(await rows.left()) == 3
    assert [each.facts["reason"] for each in rows.alerts.called] == [OUT_OF_DATE]
    rows.clock.move(GRACE)
    await rows.run()
    assert (await rows.states())["2023-10"] == "dropped"
    assert [RecordLine.parse(each).fields["copies"] for each in rows.filed[1]] == [1, 2, 1]


async def test_rows_that_are_gone_are_not_exported_away() -> None:
    """
    A month that has to be exported anew has as many rows as it had: otherwise a person looks at it.
    """
    rows = await rows_of(INBOX)
    await rows.run()
    rows.shelf.files.clear()
    del rows.memory.store.inbox[2]
    rows.clock.move(GRACE)

    with pytest.raises(TrailBroken, match="are gone that were exported"):
        await rows.run()
    assert (await rows.states())["2023-10"] == "open"
    assert await rows.left() == [payment_id(1), payment_id(3)]


@pytest.mark.parametrize(
    ("before", "after"), [(b"packed\n", b""), (b"\x00end\n", b""), (b'{"v":1,', b'{}\n{"v":1,')]
)
async def test_a_file_that_is_not_what_was_put_breaks_its_month(
    before: bytes, after: bytes
) -> None:
    """
    Whatever its hash is said to be: such a month is not verified, and a person is called.
    """
    rows: Any = await rows_of(INBOX)
    await rows.archive()
    rows.files = Bent(rows, before, after)

    with pytest.raises(TrailBroken):
        await rows.archive()
    assert await rows.states() == {"2023-10": "exported"}
    assert [each.subject for each in rows.alerts.called] == ["inbox"]


async def test_a_killed_archive_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Before and after each call of a port, from the first export to the last row: each row is in one file, once.
    """
    monkeypatch.setattr(archive_records, "LINES_AT_A_TIME", 2)
    for after in (False, True):
        killed, is_killed = 0, True
        while is_killed:
            rows = await rows_of(INBOX)
            dying = mortal(rows, Fate(killed + 1, after))
            try:
                while await dying():
                    pass
                rows.clock.move(GRACE)
                while await dying():
                    pass
                is_killed = False
            except Killed:
                killed += 1
            await rows.drop_all()
            await rows.drop_all()

            assert (await rows.states())["2023-10"] == "dropped"
            assert await rows.left() == []
            lines = [RecordLine.parse(line).payment for file in rows.filed for line in file]
            assert sorted(lines) == [payment_id(number) for number in (1, 2, 3, 4)]
            acts = [e.action for e in rows.memory.store.audit if e.subject == "inbox:2023-10"]
            assert acts == ["archive.exported", "archive.verified", "archive.dropped"]
        assert killed > 20


def mortal(rows: ArchivedRows, fate: Fate) -> Any:
    archive = rows.archive
    source: Any = archive.source
    return replace(
        archive,
        manifests=Mortal(archive.manifests, fate),
        files=Mortal(archive.files, fate),
        source=replace(source, rows=Mortal(source.rows, fate)),
    )


async def test_one_kind_holds_no_other_back() -> None:
    """
    What is broken is told when all else is done.
    """
    trail, rows = ArchivedTrail(), await rows_of(INBOX)
    await trail.seal(OCTOBER, "SK1")
    trail.memory.store.audit[0] = replace(trail.memory.store.audit[0], action="b")
    archive = ArchiveInTurn([trail.archive, rows.archive])

    assert [await archive(), await archive()] == [1, 1]
    with pytest.raises(TrailBroken):
        await archive()

    assert await rows.states() == {"2023-10": "verified"}


async def test_a_payment_is_read_out_of_its_files_alone() -> None:
    """
    Of months that were read back, what is about it, and no file is opened in which it was not noted.
    """
    rows = await rows_of(OUTBOX)
    read = ReadRecords(rows.memory.record_archive, rows.shelf, PlainPacking())
    await rows.archive()
    assert [each async for each in read(MINE)] == []
    await rows.archive()

    (found,) = [each async for each in read(MINE)]

    assert (found.payment, found.kind, found.fields["subject"]) == (MINE, OUTBOX, MINE)
    rows.shelf.files.clear()
    assert [each async for each in read(payment_id(4))] == []
    with pytest.raises(TrailBroken, match="the archived file of outbox 2023-10"):
        assert [each async for each in read(MINE)]


async def test_a_month_is_restored_and_taken_away() -> None:
    """
    Twice is once; a month that is not in the archive is not found.
    """
    rows = await rows_of(INBOX)
    read = ReadRecords(rows.memory.record_archive, rows.shelf, PlainPacking())
    restore = RestoreRecords(read, rows.memory.restored_months)
    await rows.archive()
    with pytest.raises(NotFound):
        await restore(INBOX, OCTOBER)
    await rows.archive()

    assert [await restore(INBOX, OCTOBER), await restore(INBOX, OCTOBER)] == [3, 3]
    assert len(rows.memory.store.restored_records) == 3
    assert [await restore.remove(INBOX, OCTOBER), await restore.remove(INBOX, OCTOBER)] == [3, 0]
    with pytest.raises(NotFound):
        await restore(OUTBOX, OCTOBER)
