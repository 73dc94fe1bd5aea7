"""A settlement file is imported once, whole or not at all, and counts for what is new in it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.settlements import read_lines
from application.settlements.compare_reissue import CompareReissue
from application.settlements.release_file import (
    DeclineReissue,
    ReleaseSettlementFile,
    TakeReissue,
)
from contracts.settlements.settlement_files_contract import FRIDAYS, MONDAY, a_line
from domain.money import Money
from domain.payments.refund import ReasonRefused
from domain.settlements.file_state import IllegalFileStep, SettlementFileState
from domain.settlements.line_key import line_key
from domain.settlements.line_warning import (
    LineWarning,
    RejectedRow,
    RejectionReason,
    WarnedLine,
)
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import LineState
from domain.settlements.settlement_report import ReissueNotWaiting, ReportState
from domain.text.card_number import CardNumberRefused
from fakes.clock import NOON
from fakes.samples import BY_STAFF
from ports.file_store import FilesUnavailable
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused
from ports.settlements.settlement_files import READING_MAX
from unit.application.settlements.importing import Imports, Report

CUT = RejectedRow(9, RejectionReason.ROW_TOO_SHORT, "cut")


async def test_a_file_is_kept_and_its_lines_count() -> None:
    """
    Its bytes stand in the store under its hash, and the audit log says who brought it.
    """
    world = Imports()
    world.put(b"one", a_line(1), a_line(2))

    file = await world.bring(b"one", mid="SIM0001")

    assert file.state is SettlementFileState.IMPORTED
    assert world.shelf.files[file.received.sha256] == b"one"
    assert world.reader.wanted == [(None, "SIM0001")]
    assert (file.reports[0].state, file.reports[0].net) == (ReportState.LIVE, Money(200_00))
    assert world.actions() == ["settlement_file.received", "settlement_file.imported"]


async def test_the_same_bytes_are_read_once() -> None:
    """
    Whatever they are called the second time; also when two come at once.
    """
    world = Imports()
    world.put(b"one", a_line(1))

    first, second = await asyncio.gather(world.bring(b"one"), world.bring(b"one"))
    again = await world.bring(b"one", preset="another")

    assert SettlementFileState.IMPORTED in {first.state, second.state}
    assert again.state is SettlementFileState.IMPORTED
    assert len(world.reader.wanted) == 1


async def test_a_line_is_kept_with_its_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Also where a batch ends between them.
    """
    monkeypatch.setattr(read_lines, "BATCH_MAX", 1)
    world = Imports()
    warnings = [
        WarnedLine(1, LineWarning.ZEROS_RESTORED, "rrn"),
        WarnedLine(1, LineWarning.FORMULA_CELL),
    ]
    world.reader.known[b"one"] = Report(lines=[a_line(1), a_line(2)], warnings=warnings)

    await world.bring(b"one")

    rows = world.memory.store.settlement_lines.values()
    assert [row.told.warnings for row in rows] == ["zeros_restored:rrn formula_cell", None]


async def test_what_is_no_report_is_refused() -> None:
    """
    Also on the way: nothing of it is kept but why.
    """
    world = Imports()
    world.reader.known[b"none"] = SettlementFileRefused(FileRefusal.NO_PRESET, "no preset")
    world.reader.known[b"long"] = Report(
        lines=[a_line(1)],
        refused=SettlementFileRefused(FileRefusal.TOO_MANY_ROWS, "too many", 7),
    )
    world.put(b"id", a_line(1, settlement_id="S" * 101))

    for content, reason, line_no in (
        (b"none", FileRefusal.NO_PRESET, None),
        (b"long", FileRefusal.TOO_MANY_ROWS, 7),
        (b"id", FileRefusal.CELL_TOO_LONG, 1),
    ):
        file = await world.bring(content)
        assert file.state is SettlementFileState.REFUSED
        assert file.refusal is not None
        assert (file.refusal.reason, file.refusal.line_no) == (reason, line_no)
    assert await world.live() == []


async def test_a_refused_file_is_read_by_the_preset_that_a_person_names() -> None:
    """
    Nothing happens when nobody names another one.
    """
    world = Imports()
    world.reader.known[b"one"] = SettlementFileRefused(FileRefusal.SEVERAL_PRESETS, "two")
    await world.bring(b"one")
    await world.bring(b"one")
    world.put(b"one", a_line(1))

    assert (await world.bring(b"one")).state is SettlementFileState.REFUSED
    file = await world.bring(b"one", preset="hdfc_upi_mpr")

    assert file.state is SettlementFileState.IMPORTED
    assert world.reader.wanted == [(None, None), ("hdfc_upi_mpr", None)]
    assert "settlement_file.reopened" in world.actions()


async def test_a_file_whose_worker_is_lost_is_read_anew() -> None:
    """
    Not before its time has passed; what the lost one had read is gone.
    """
    world = Imports()
    world.put(b"one", a_line(1))
    world.memory.settlement_files.trouble.append(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await world.bring(b"one")

    assert (await world.bring(b"one")).state is SettlementFileState.READING
    assert await world.use_case.read_waiting(BY_STAFF) == 0
    world.clock.move(READING_MAX)
    assert await world.use_case.read_waiting(BY_STAFF) == 1

    (file,) = await world.memory.settlement_files.page(at_most=9)
    assert (file.state, file.attempts) == (SettlementFileState.IMPORTED, 2)
    assert await world.live() == [line_key(a_line(1))]


async def test_a_file_whose_bytes_are_lost_keeps_no_other_from_being_read() -> None:
    """
    It waits on, and the next one is imported.
    """
    world = Imports()
    for content, number in ((b"one", 1), (b"two", 2)):
        world.put(content, a_line(number))
        world.memory.settlement_files.trouble.append(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            await world.bring(content)
    del world.shelf.files[next(iter(world.shelf.files))]
    world.clock.move(READING_MAX)

    assert await world.use_case.read_waiting(BY_STAFF) == 2
    states = [file.state for file in await world.memory.settlement_files.page(at_most=9)]
    assert sorted(states) == [SettlementFileState.IMPORTED, SettlementFileState.READING]


async def test_a_store_that_is_away_leaves_the_file_to_be_sent_again() -> None:
    """
    Nothing is received before its bytes are kept.
    """
    world = Imports()
    world.shelf.away = True

    with pytest.raises(FilesUnavailable):
        await world.bring(b"one")
    assert world.memory.store.settlement_files == {}


async def test_a_held_file_counts_when_a_person_releases_it() -> None:
    """
    With a reason; its lines stand aside until then.
    """
    world = Imports()
    world.put(b"one", a_line(1), rejected=[CUT])
    file = await world.bring(b"one")
    release = ReleaseSettlementFile(world.memory.settlement_files, world.clock)
    assert (file.state, file.reports[0].state) == (SettlementFileState.HELD, ReportState.HELD)
    assert await world.live() == []

    with pytest.raises(CardNumberRefused):
        await release(file.received.sha256, "4111 1111 1111 1111", BY_STAFF)
    released = await release(file.received.sha256, "the bank confirmed it", BY_STAFF)

    assert released.state is SettlementFileState.IMPORTED
    assert released.released is not None
    assert (released.released.by, released.released.at) == ("staff:mira", NOON)
    assert await world.live() == [line_key(a_line(1))]
    assert world.actions()[-1] == "settlement_file.released"
    with pytest.raises(IllegalFileStep):
        await release(file.received.sha256, "once more", BY_STAFF)


async def test_a_file_without_a_line_is_held_for_its_rows() -> None:
    """
    It says nothing of any settlement.
    """
    world = Imports()
    world.put(b"cut", rejected=[CUT])

    file = await world.bring(b"cut")

    assert (file.state, file.reports) == (SettlementFileState.HELD, ())
    assert len(world.memory.store.rejected_rows) == 1


async def test_a_whole_file_takes_the_place_of_a_held_one() -> None:
    """
    Though it holds the same lines; the held one can not be released any more.
    """
    world = Imports()
    world.put(b"cut", a_line(1), rejected=[CUT])
    world.put(b"whole", a_line(1), a_line(2))
    world.put(b"same", a_line(1), rejected=[CUT])
    cut = await world.bring(b"cut")
    whole = await world.bring(b"whole")

    files = world.memory.settlement_files
    assert (await files.get(cut.received.sha256)).state is SettlementFileState.SUPERSEDED
    assert whole.reports[0].reported is ReportedAgain.REISSUE
    assert len(await world.live()) == 2


async def test_a_supplement_is_added() -> None:
    """
    No event in common: both count.
    """
    world = Imports()
    world.put(b"one", a_line(1))
    world.put(b"two", a_line(2))
    await world.bring(b"one")

    file = await world.bring(b"two")

    assert file.reports[0].reported is ReportedAgain.SUPPLEMENT
    assert len(await world.live()) == 2


async def test_a_report_saved_again_adds_nothing() -> None:
    """
    With ids that a spreadsheet has lost.
    """
    world = Imports()
    world.put(b"one", a_line(1))
    world.put(b"saved", a_line(1, bank_txn_id=None))
    await world.bring(b"one")

    file = await world.bring(b"saved")

    assert file.state is SettlementFileState.IMPORTED
    assert file.reports[0].state is ReportState.REPEATED
    assert await world.live() == [line_key(a_line(1))]


async def _posted(world: Imports, *lines: Any) -> None:
    world.put(b"one", *lines)
    file = await world.bring(b"one")
    async with world.memory.unit_of_work() as work:
        work.settlements.reports.mark_posted((file.received.sha256, FRIDAYS), 1, NOON)


async def test_a_reissue_that_changes_what_was_matched_waits_for_a_person() -> None:
    """
    Who takes it with a reason, once.
    """
    world = Imports()
    await _posted(world, a_line(1), a_line(2))
    world.put(b"two", a_line(1, 99_00), a_line(2))
    take = TakeReissue(world.memory.settlement_files, world.clock)

    file = await world.bring(b"two")
    assert file.reports[0].state is ReportState.WAITING
    assert len(await world.live()) == 2

    taken = await take(file.received.sha256, FRIDAYS, "the bank corrected it", BY_STAFF)

    assert taken.reports[0].state is ReportState.LIVE
    assert await world.live() == sorted([line_key(a_line(1, 99_00)), line_key(a_line(2))])
    assert world.actions()[-1] == "settlement_file.reissue_taken"
    for settlement in (FRIDAYS, "another"):
        with pytest.raises(ReissueNotWaiting):
            await take(file.received.sha256, settlement, "once more", BY_STAFF)


async def test_a_reissue_is_declined_and_may_be_taken_later() -> None:
    """
    Meanwhile what stands counts, and no run awaits the re-issue.
    """
    world = Imports()
    await _posted(world, a_line(1), a_line(2))
    world.put(b"two", a_line(1, 99_00), a_line(2))
    decline = DeclineReissue(world.memory.settlement_files, world.clock)
    take = TakeReissue(world.memory.settlement_files, world.clock)
    file = (await world.bring(b"two")).received.sha256

    declined = await decline(file, FRIDAYS, "the bank mixed up two days", BY_STAFF)

    assert declined.reports[0].state is ReportState.DECLINED
    assert declined.reports[0].reported is ReportedAgain.REISSUE
    assert len(await world.live()) == 2
    assert await world.memory.settlement_reads.unposted() == []
    assert world.actions()[-1] == "settlement_file.reissue_declined"
    for settlement in (FRIDAYS, "another"):
        with pytest.raises(ReissueNotWaiting):
            await decline(file, settlement, "once more", BY_STAFF)
    with pytest.raises(ReasonRefused):
        await decline(file, FRIDAYS, "", BY_STAFF)
    taken = await take(file, FRIDAYS, "it was right after all", BY_STAFF)
    assert taken.reports[0].state is ReportState.LIVE


async def test_a_reissue_is_compared_with_what_stands() -> None:
    """
    Line by line, and nothing is changed by that; what waits for nobody is not compared.
    """
    world = Imports()
    await _posted(world, a_line(1), a_line(2))
    world.put(b"two", a_line(1, 99_00), a_line(2))
    file = (await world.bring(b"two")).received.sha256
    compare = CompareReissue(world.memory.settlement_files)

    difference = await compare(file, FRIDAYS)

    assert [line.gross.paise for line in difference.before] == [100_00]
    assert [line.gross.paise for line in difference.after] == [99_00]
    assert difference.unchanged == 1
    assert (await world.memory.settlement_files.get(file)).reports[0].state is ReportState.WAITING
    with pytest.raises(ReissueNotWaiting):
        await compare(file, "another")


async def test_a_reissue_of_what_nobody_matched_is_taken_at_once() -> None:
    """
    As long as it takes nothing away.
    """
    world = Imports()
    world.put(b"one", a_line(1))
    world.put(b"two", a_line(1, 99_00), a_line(2))
    world.put(b"three", a_line(2))
    await world.bring(b"one")

    assert (await world.bring(b"two")).reports[0].state is ReportState.LIVE
    assert (await world.bring(b"three")).reports[0].state is ReportState.WAITING


async def test_a_file_that_was_not_read_can_not_be_released() -> None:
    """
    Neither one that nobody has read, nor one that is refused.
    """
    world = Imports()
    world.reader.known[b"none"] = SettlementFileRefused(FileRefusal.NO_PRESET, "no preset")
    file = await world.bring(b"none")
    files = world.memory.settlement_files

    with pytest.raises(IllegalFileStep):
        await ReleaseSettlementFile(files, world.clock)(file.received.sha256, "why not", BY_STAFF)
    with pytest.raises(ReissueNotWaiting):
        await TakeReissue(files, world.clock)(file.received.sha256, "S", "why not", BY_STAFF)


FILES = {
    b"friday": (a_line(1), a_line(2), a_line(3, payment_id=None)),
    b"friday again": (a_line(1, bank_txn_id=None), a_line(2), a_line(3, payment_id=None)),
    b"overlapping": (a_line(2, settled_on=MONDAY), a_line(4, settled_on=MONDAY)),
    b"supplement": (a_line(5), replace(a_line(5), line_no=6, occurrence=2)),
    b"monday": tuple(a_line(number, settled_on=MONDAY) for number in (2, 4, 7)),
}


@given(st.permutations(sorted(FILES)), st.lists(st.sampled_from(sorted(FILES)), max_size=6))
async def test_files_come_in_any_order_and_more_than_once(
    order: list[bytes], again: list[bytes]
) -> None:
    """
    A file that comes again changes nothing, no event counts twice, and each one counts.
    """
    world = Imports()
    for content, lines in FILES.items():
        world.put(content, *lines)
    for content in order:
        await world.bring(content)
    before = (
        dict(world.memory.store.settlement_lines),
        dict(world.memory.store.settlements),
        len(world.memory.store.audit),
    )

    for content in again:
        await world.bring(content)

    store = world.memory.store
    assert (store.settlement_lines, store.settlements, len(store.audit)) == before
    live = [row for row in store.settlement_lines.values() if row.state is LineState.LIVE]
    assert len({row.told.event for row in live}) == len(live)
    told = {row.told.line.payment_id for row in live}
    assert told == {line.payment_id for lines in FILES.values() for line in lines}
    for report in store.settlements.values():
        lines_of = [
            row.told.line.net.paise
            for row in live
            if (row.file, row.settlement) == (report.file, report.totals.key)
        ]
        assert report.net == Money(sum(lines_of))


def test_a_lost_worker_is_waited_for_longer_than_an_import_may_last() -> None:
    """
    Otherwise two would read one file.
    """
    assert timedelta(minutes=15) < READING_MAX
