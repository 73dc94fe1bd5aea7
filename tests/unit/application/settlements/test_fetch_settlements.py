"""Sources are asked for a day, what is ready is imported, and what they said is kept for each MID."""

from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest

from application.settlements import fetch_settlements
from application.settlements.fetch_settlements import ANY_MID, FetchedDay, FetchSettlements
from contracts.settlements.settlement_files_contract import FRIDAY, a_line
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin, ReportAnswer
from fakes.clock import NOON
from fakes.samples import BY_STAFF
from fakes.settlements.settlement_source import MemorySource
from ports.settlements.settlement_files import READING_MAX
from ports.settlements.settlement_source import (
    NothingSettled,
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    SourceAway,
)
from unit.application.settlements.importing import Imports
from unit.application.settlements.test_import_settlement_file import CUT

UPI, CARD = "SIM0001", "SIM9001"
REPORT, FOLDER = FileOrigin.REPORT, FileOrigin.FOLDER


async def fetched(
    world: Imports,
    sources: Mapping[FileOrigin, MemorySource],
    mids: Collection[str] = (UPI, CARD),
) -> FetchedDay:
    use_case = FetchSettlements(
        sources, mids, world.use_case, world.memory.report_answers, world.clock
    )
    return await use_case(FRIDAY, BY_STAFF)


def answers(day: FetchedDay) -> dict[str, ReportAnswer]:
    return {each.mid: each.answer for each in day.answers}


async def test_a_report_that_is_ready_is_imported_once() -> None:
    """
    A MID that the whole report does not name settles nothing that day.
    """
    world, source = Imports(), MemorySource()
    source.put(FRIDAY, "a.json", b"one")
    world.put(b"one", a_line(1))

    first = await fetched(world, {REPORT: source})
    await fetched(world, {REPORT: source})

    assert [file.received.day for file in first.files] == [FRIDAY]
    assert answers(first) == {UPI: ReportAnswer.READY, CARD: ReportAnswer.NOTHING_SETTLED}
    assert first.awaited == ()
    assert len(world.reader.wanted) == 1
    kept = await world.memory.report_answers.of_days(FRIDAY, FRIDAY)
    assert {(each.mid, each.answer, each.times) for each in kept} == {
        (UPI, ReportAnswer.READY, 2),
        (CARD, ReportAnswer.NOTHING_SETTLED, 2),
    }


async def test_a_folder_never_says_that_nothing_was_settled() -> None:
    """
    The file of the other MID is awaited still; so it is when the report is held.
    """
    world, folder, source = Imports(), MemorySource(), MemorySource()
    folder.put(FRIDAY, "a.csv", b"one")
    source.put(FRIDAY, "a.json", b"held")
    world.put(b"one", a_line(1))
    world.put(b"held", a_line(2), rejected=[CUT])

    assert (await fetched(world, {FOLDER: folder})).awaited == (CARD,)
    assert (await fetched(world, {REPORT: source})).awaited == (CARD,)


async def test_what_a_lost_worker_left_is_read_first() -> None:
    """
    Whatever the sources say now.
    """
    world = Imports()
    world.put(b"one", a_line(1))
    world.memory.settlement_files.trouble.append(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await world.bring(b"one")
    world.clock.move(READING_MAX)

    await fetched(world, {REPORT: MemorySource({FRIDAY: SourceAway("no route")})})

    (file,) = await world.memory.settlement_files.page(at_most=9)
    assert file.state is SettlementFileState.IMPORTED


async def test_what_a_source_says_is_kept_for_each_mid() -> None:
    """
    Not ready with the time to ask again, nothing settled, or away with the reason.
    """
    world, later = Imports(), NOON + timedelta(hours=1)
    for answer, word, retry_at, why in (
        (ReportsNotReady(later), ReportAnswer.NOT_READY, later, None),
        (NothingSettled(), ReportAnswer.NOTHING_SETTLED, None, None),
        (SourceAway("no route"), ReportAnswer.AWAY, None, "no route"),
    ):
        day = await fetched(world, {REPORT: MemorySource({FRIDAY: answer})})
        assert [(each.mid, each.answer, each.retry_at, each.why) for each in day.answers] == [
            (UPI, word, retry_at, why),
            (CARD, word, retry_at, why),
        ]

    away = MemorySource({FRIDAY: SourceAway("no route")})
    assert (await fetched(world, {REPORT: away})).awaited == (UPI, CARD)


async def test_one_source_that_is_away_does_not_keep_the_other_from_being_asked() -> None:
    """
    Without known MIDs one answer stands for all.
    """
    world, folder = Imports(), MemorySource()
    folder.put(FRIDAY, "a.csv", b"one")
    world.put(b"one", a_line(1))
    away = MemorySource({FRIDAY: SourceAway("no route")})

    day = await fetched(world, {REPORT: away, FOLDER: folder}, mids=())

    assert [(each.mid, each.origin, each.answer) for each in day.answers] == [
        (ANY_MID, REPORT, ReportAnswer.AWAY),
        (ANY_MID, FOLDER, ReportAnswer.READY),
    ]
    assert day.awaited == ()


async def test_a_report_that_can_not_be_fetched_whole_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The others of the day are imported all the same; so is one that is too large left alone.
    """
    world, source = Imports(), MemorySource()
    source.put(FRIDAY, "a.csv", b"one")
    source.answers[FRIDAY] = ReportsReady((ReadyReport("gone.csv"), ReadyReport("a.csv")))
    world.put(b"one", a_line(1))

    day = await fetched(world, {REPORT: source})
    assert answers(day) == {UPI: ReportAnswer.AWAY, CARD: ReportAnswer.AWAY}
    assert len(day.files) == 1

    monkeypatch.setattr(fetch_settlements, "REPORT_BYTES_MAX", 2)
    assert (await fetched(world, {REPORT: source})).files == ()
