"""What any store of settlement files must do; on memory and on PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from contracts.storage import Storage
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from domain.money import Money
from domain.reconciliation.payout import PayoutOutcome
from domain.reconciliation.reported import LineRef, UnreadableRow
from domain.settlements.file_state import SettlementFileState
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import line_key
from domain.settlements.line_warning import LineWarning, RejectedRow, RejectionReason
from domain.settlements.reissue import DuplicateCause, ReportedAgain
from domain.settlements.settlement_line import Direction, LineState, LineType, SettlementLine
from domain.settlements.settlement_report import FileOrigin, ReportState
from domain.settlements.settlement_totals import DeclaredTotals, RunningTotals, SettlementTotals
from fakes.clock import NOON
from fakes.samples import BY_STAFF, payment_id
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.settlement_file_reader import FileFormat, FileRefusal, HoldReason
from ports.settlements.settlement_files import (
    READING_MAX,
    FileContent,
    ReceivedFile,
    Refusal,
    Release,
    ReportVerdict,
)
from ports.settlements.settlement_reads import StoredLine

ONE: Final = FileHash("1" * 64)
TWO: Final = FileHash("2" * 64)
THREE: Final = FileHash("3" * 64)
FRIDAY: Final = date(2026, 11, 13)
MONDAY: Final = date(2026, 11, 16)
FRIDAYS: Final = "SIM0001/2026-11-13"
AUDITED: Final = AuditEntry(
    at=NOON, origin=BY_STAFF, action="settlement_file.imported", subject="file"
)
FORMAT: Final = FileFormat(preset="hdfc_upi_mpr", preset_version=1, encoding="utf-8")
CONTENT: Final = FileContent(
    format=FORMAT,
    line_count=2,
    rejected_count=0,
    skipped_count=1,
    warnings={LineWarning.ZEROS_RESTORED: 1},
    declared=(DeclaredTotals(lines=2, net=Money(300)),),
)


def a_line(number: int, paise: int = 100_00, **changes: object) -> SettlementLine:
    """Return a sale of the payment *number*, at the line of that number, settled on Friday."""
    line = SettlementLine(
        line_no=number,
        line_type=LineType.PAYMENT,
        direction=Direction.CR,
        mid="SIM0001",
        payment_id=payment_id(number),
        attempt=1,
        bank_txn_id=f"BANK{number}",
        rrn=f"63161015{number:04d}",
        method="UPI",
        gross=Money(paise),
        net=Money(paise),
        txn_at=NOON,
        settled_on=FRIDAY,
        status_word="SUCCESS",
    )
    return replace(line, **changes)  # type: ignore[arg-type]  # fields of a line


def a_file(sha256: FileHash, minute: int = 0) -> ReceivedFile:
    return ReceivedFile(
        sha256=sha256,
        name="mpr.csv",
        size=100,
        origin=FileOrigin.COMMAND,
        received_at=NOON + timedelta(minutes=minute),
        received_by="staff:mira",
        day=FRIDAY,
        mid="SIM0001",
    )


def imported(line: SettlementLine, warnings: str | None = None) -> KeyedLine:
    key = line_key(line)
    return KeyedLine.of(line, key, warnings)


def totals_of(lines: Sequence[SettlementLine]) -> list[SettlementTotals]:
    found: dict[str, RunningTotals] = {}
    for line in map(imported, lines):
        found.setdefault(line.settlement, RunningTotals(line)).add(line)
    return [each.totals() for each in found.values()]


async def bring(
    storage: Storage,
    file: FileHash,
    *lines: SettlementLine,
    state: ReportState = ReportState.LIVE,
    reported: ReportedAgain | None = None,
    content: FileContent | None = None,
) -> None:
    """Receive and import *file*, with one verdict for each settlement in it; it says nothing of its own sums."""
    content = content or replace(CONTENT, line_count=len(lines), skipped_count=0, declared=())
    await storage.settlement_files.receive(a_file(file), AUDITED)
    attempt = await storage.settlement_files.claim(file, NOON)
    ends_as = (
        SettlementFileState.HELD if state is ReportState.HELD else SettlementFileState.IMPORTED
    )
    async with storage.settlement_files.importing(file, attempt) as work:
        for line in lines:
            await work.add([imported(line)])
        totals = totals_of(lines)
        verdicts = [
            ReportVerdict(settlement=each.key, state=state, reported=reported) for each in totals
        ]
        await work.conclude(ends_as, content, totals, verdicts, AUDITED)


async def post(
    storage: Storage, file: FileHash, settlement: str = FRIDAYS, journal: int = 1
) -> None:
    async with storage.unit_of_work() as work:
        work.settlements.reports.mark_posted((file, settlement), journal, NOON)


async def _import_that_fails(storage: Storage, attempt: int | None) -> None:
    async with storage.settlement_files.importing(ONE, attempt) as work:
        await work.add([imported(a_line(1))])
        await work.reject([RejectedRow(2, RejectionReason.ROW_TOO_SHORT, "cut")])
        raise ZeroDivisionError


async def reading(storage: Storage, file: FileHash, at: timedelta = timedelta()) -> int | None:
    await storage.settlement_files.receive(a_file(file), AUDITED)
    return await storage.settlement_files.claim(file, NOON + at)


def told(lines: Sequence[StoredLine]) -> list[tuple[int, LineState, DuplicateCause | None]]:
    return [(each.reported.line.line_no, each.state, each.cause) for each in lines]


class SettlementFilesContract:
    async def test_a_file_is_received_once(self, storage: Storage) -> None:
        """
        The same bytes again return what is known, whoever brings them.
        """
        first = await storage.settlement_files.receive(a_file(ONE), AUDITED)
        again = await storage.settlement_files.receive(
            replace(a_file(ONE, 5), name="copy.csv"), AUDITED
        )

        assert again == first
        assert first.state is SettlementFileState.RECEIVED
        assert first.received == a_file(ONE)
        assert len(await storage.audit_lines()) == 1

    async def test_a_file_that_nobody_received_is_not_found(self, storage: Storage) -> None:
        """
        Neither shown nor imported.
        """
        with pytest.raises(NotFound):
            await storage.settlement_files.get(ONE)
        with pytest.raises(NotFound):
            async with storage.settlement_files.importing(ONE):
                pass
        assert await storage.settlement_files.claim(ONE, NOON) is None

    async def test_one_worker_reads_a_file(self, storage: Storage) -> None:
        """
        Another one waits until the first is taken for lost; then the first can not end its import.
        """
        assert await reading(storage, ONE) == 1
        assert await storage.settlement_files.claim(ONE, NOON) is None
        assert await storage.settlement_files.claim(ONE, NOON + READING_MAX) == 2

        with pytest.raises(ChangedMeanwhile):
            async with storage.settlement_files.importing(ONE, 1):
                pass
        async with storage.settlement_files.importing(ONE, 2) as work:
            assert work.file.attempts == 2

    async def test_a_lost_worker_leaves_its_file_to_be_read(self, storage: Storage) -> None:
        """
        Files that wait are returned oldest first, and no more than wanted.
        """
        await reading(storage, ONE)
        await storage.settlement_files.receive(a_file(TWO), AUDITED)

        waiting = storage.settlement_files.unread
        assert await waiting(NOON, at_most=9) == [TWO]
        assert await waiting(NOON + READING_MAX, at_most=9) == [ONE, TWO]
        assert (await storage.settlement_files.get(ONE)).state is SettlementFileState.RECEIVED
        assert await waiting(NOON + READING_MAX, at_most=1) == [ONE]

    async def test_a_refused_file_says_why(self, storage: Storage) -> None:
        """
        By the worker that read it last; a late one changes nothing.
        """
        attempt = await reading(storage, ONE)
        refusal = Refusal(reason=FileRefusal.NO_PRESET, detail="no preset reads it", line_no=3)
        assert attempt is not None

        await storage.settlement_files.refuse(ONE, attempt + 1, refusal, AUDITED)
        assert (await storage.settlement_files.get(ONE)).state is SettlementFileState.READING
        await storage.settlement_files.refuse(ONE, attempt, refusal, AUDITED)

        file = await storage.settlement_files.get(ONE)
        assert (file.state, file.refusal) == (SettlementFileState.REFUSED, refusal)
        assert len(await storage.audit_lines()) == 2

    async def test_a_refused_file_is_read_again_by_another_name(self, storage: Storage) -> None:
        """
        Of a preset or MID; nothing but a refused file.
        """
        attempt = await reading(storage, ONE)
        assert attempt is not None
        refusal = Refusal(reason=FileRefusal.SEVERAL_PRESETS, detail="two presets read it")
        await storage.settlement_files.refuse(ONE, attempt, refusal, AUDITED)

        await storage.settlement_files.reopen(ONE, "hdfc_upi_mpr", None, AUDITED)

        file = await storage.settlement_files.get(ONE)
        assert (file.state, file.refusal) == (SettlementFileState.RECEIVED, None)
        assert (file.received.preset, file.received.mid) == ("hdfc_upi_mpr", None)
        assert await storage.settlement_files.claim(ONE, NOON) == attempt + 1
        with pytest.raises(ChangedMeanwhile):
            await storage.settlement_files.reopen(ONE, None, None, AUDITED)

    async def test_an_import_is_whole_or_not_at_all(self, storage: Storage) -> None:
        """
        What raises leaves the file as it was, and no line of it.
        """
        attempt = await reading(storage, ONE)

        with pytest.raises(ZeroDivisionError):
            await _import_that_fails(storage, attempt)

        assert (await storage.settlement_files.get(ONE)).state is SettlementFileState.READING
        assert await storage.settlement_reads.lines_about([payment_id(1)]) == []
        assert await storage.settlement_reads.rejected_rows([ONE]) == []

    async def test_an_imported_file_is_told_whole(self, storage: Storage) -> None:
        """
        Content, settlements and lines come back as they were read.
        """
        lines = (a_line(1, 100), a_line(2, 200, txn_at=None))
        await bring(storage, ONE, *lines, content=CONTENT)

        file = await storage.settlement_files.get(ONE)
        (report,) = file.reports
        (unposted,) = await storage.settlement_reads.unposted()
        assert (unposted.file_lines, tuple(unposted.declared)) == (2, CONTENT.declared)
        stored = await storage.settlement_reads.lines_of([(ONE, FRIDAYS)])
        assert (file.state, file.content) == (SettlementFileState.IMPORTED, CONTENT)
        assert (report.totals, report.state) == (totals_of(lines)[0], ReportState.LIVE)
        assert (report.live_lines, report.net) == (2, Money(300))
        assert [each.reported.line for each in stored] == list(lines)
        assert {each.reported.file for each in stored} == {ONE}
        assert {each.state for each in stored} == {LineState.LIVE}

    async def test_the_latest_files_come_first(self, storage: Storage) -> None:
        """
        In pages, and by state.
        """
        for number, file in enumerate((ONE, TWO, THREE)):
            await storage.settlement_files.receive(a_file(file, number), AUDITED)
        await storage.settlement_files.claim(TWO, NOON)

        page = await storage.settlement_files.page(at_most=2)
        last = page[-1].received
        rest = await storage.settlement_files.page(
            before=(last.received_at, last.sha256), at_most=2
        )
        read = await storage.settlement_files.page(state=SettlementFileState.READING, at_most=2)

        assert [each.received.sha256 for each in page] == [THREE, TWO]
        assert [each.received.sha256 for each in rest] == [ONE]
        assert [each.received.sha256 for each in read] == [TWO]

    async def test_files_with_a_reissue_that_waits_are_found(self, storage: Storage) -> None:
        """
        And no others, whatever their own state is.
        """
        await bring(storage, ONE, a_line(1))
        await bring(storage, TWO, a_line(2), state=ReportState.WAITING)
        await bring(storage, THREE, a_line(3), state=ReportState.HELD)

        found = await storage.settlement_files.page(waiting=True, at_most=9)

        assert [each.received.sha256 for each in found] == [TWO]

    async def test_rejected_rows_and_reasons_to_hold_are_kept(self, storage: Storage) -> None:
        """
        A held file proves nothing by what it lacks; released it counts, and says who answers for it.
        """
        held = replace(CONTENT, rejected_count=1, held_for=(HoldReason.ROWS_REJECTED,))
        attempt = await reading(storage, ONE)
        async with storage.settlement_files.importing(ONE, attempt) as work:
            await work.add([imported(a_line(1))])
            await work.reject([RejectedRow(5, RejectionReason.AMOUNT_NOT_EXACT, "1e6")])
            totals = totals_of([a_line(1)])
            verdict = ReportVerdict(settlement=FRIDAYS, state=ReportState.HELD, reported=None)
            await work.conclude(SettlementFileState.HELD, held, totals, [verdict], AUDITED)

        rows = await storage.settlement_reads.rejected_rows([ONE, TWO])
        assert rows == [UnreadableRow(file=ONE, line_no=5, reason="amount_not_exact")]
        assert told(await storage.settlement_reads.lines_about([payment_id(1)])) == [
            (1, LineState.HELD, None)
        ]
        assert await storage.settlement_reads.complete_until() == {}

        release = Release(at=NOON, by="staff:mira", why="the bank confirmed it")
        live = ReportVerdict(settlement=FRIDAYS, state=ReportState.LIVE, reported=None)
        async with storage.settlement_files.importing(ONE) as work:
            assert await work.reported_before([FRIDAYS]) == frozenset()
            await work.conclude(
                SettlementFileState.IMPORTED, held, totals, [live], AUDITED, release=release
            )

        file = await storage.settlement_files.get(ONE)
        assert (file.state, file.released) == (SettlementFileState.IMPORTED, release)
        assert file.reports[0].net == Money(100_00)
        assert await storage.settlement_reads.complete_until() == {"SIM0001": FRIDAY}


class SettlementLinesContract:
    async def test_a_line_twice_in_its_file_counts_once(self, storage: Storage) -> None:
        """
        The second is a duplicate, or is held when its amounts are others.
        """
        again = replace(a_line(1), line_no=2, occurrence=2)
        other = a_line(1, 99_00, line_no=3)
        await bring(storage, ONE, a_line(1), again, other)

        lines = await storage.settlement_reads.lines_of([(ONE, FRIDAYS)])
        (report,) = await storage.settlement_reads.unposted()
        assert told(lines) == [
            (1, LineState.LIVE, None),
            (2, LineState.DUPLICATE, DuplicateCause.DUPLICATE_LINE),
            (3, LineState.HELD, None),
        ]
        assert (report.live_lines, report.net, report.totals.lines) == (1, Money(100_00), 3)

    async def test_equal_rows_without_an_id_are_both_real(self, storage: Storage) -> None:
        """
        Two fees of the same amount are two fees; in another file they are the same two.
        """
        fee = a_line(1, 0, line_type=LineType.FEE, payment_id=None, bank_txn_id=None, rrn=None)
        fees = (fee, replace(fee, line_no=2, occurrence=2))
        await bring(storage, ONE, *fees)
        await bring(storage, TWO, *(replace(each, settlement_id="other") for each in fees))
        await bring(storage, THREE, *fees, state=ReportState.REPEATED)

        states = [
            {each.state for each in await storage.settlement_reads.lines_of([(file, key)])}
            for file, key in ((ONE, FRIDAYS), (TWO, "other"), (THREE, FRIDAYS))
        ]
        assert states == [{LineState.LIVE}, {LineState.LIVE}, set()]

    async def test_what_another_file_told_is_nothing_new(self, storage: Storage) -> None:
        """
        Silently when amounts are equal; with others the line is held, and shown beside the first.
        """
        foreign = a_line(3, payment_id=None)
        await bring(storage, ONE, a_line(1), a_line(2), foreign)
        await bring(
            storage,
            TWO,
            a_line(1, settled_on=MONDAY),
            a_line(2, 99_00, settled_on=MONDAY),
            replace(foreign, settled_on=MONDAY),
            a_line(4, settled_on=MONDAY),
        )

        lines = await storage.settlement_reads.lines_of([(TWO, "SIM0001/2026-11-16")])
        repeated = await storage.settlement_reads.lines_at([LineRef(TWO, 1), LineRef(TWO, 3)])
        assert [
            (each.reported.file, *row) for each, row in zip(lines, told(lines), strict=True)
        ] == [
            (ONE, 2, LineState.LIVE, None),
            (TWO, 2, LineState.HELD, None),
            (TWO, 4, LineState.LIVE, None),
        ]
        assert told(repeated) == [
            (1, LineState.DUPLICATE, DuplicateCause.REPORTED_BEFORE),
            (3, LineState.DUPLICATE, DuplicateCause.REPORTED_BEFORE),
        ]

    async def test_the_lines_of_a_payment_are_found_in_all_files(self, storage: Storage) -> None:
        """
        In the order of their days.
        """
        refund = a_line(2, line_type=LineType.REFUND, payment_id=payment_id(1), settled_on=MONDAY)
        await bring(storage, ONE, refund)
        await bring(storage, TWO, a_line(1))

        lines = await storage.settlement_reads.lines_about([payment_id(1), PaymentId("SKNONE")])
        assert [each.reported.line.line_type for each in lines] == [
            LineType.PAYMENT,
            LineType.REFUND,
        ]

    async def test_what_differs_is_told_and_what_is_equal_counted(self, storage: Storage) -> None:
        """
        Beside the live reports of other files; the matched ones are those that were posted.
        """
        await bring(storage, ONE, a_line(1), a_line(2))
        await post(storage, ONE)
        attempt = await reading(storage, TWO)

        async with storage.settlement_files.importing(TWO, attempt) as work:
            await work.add([imported(a_line(1)), imported(a_line(2, 99_00))])
            known = await work.reported_before([FRIDAYS, "another"])
            difference = await work.difference(FRIDAYS)

        assert known == {FRIDAYS}
        assert (list(difference.before), list(difference.after)) == (
            [a_line(2)],
            [a_line(2, 99_00)],
        )
        assert difference.unchanged == 1
        assert difference.matched == {line_key(a_line(2))}
        assert not difference.is_held

    async def test_what_was_no_news_is_not_missed(self, storage: Storage) -> None:
        """
        A report without it takes nothing away; one that has it again is equal in it.
        """
        monday = "SIM0001/2026-11-16"
        again, more = (a_line(number, settled_on=MONDAY) for number in (1, 2))
        await bring(storage, ONE, a_line(1))
        await bring(storage, TWO, again, more)
        attempt = await reading(storage, THREE)

        async with storage.settlement_files.importing(THREE, attempt) as work:
            await work.add([imported(more)])
            without = await work.difference(monday)
            await work.add([imported(again)])
            whole = await work.difference(monday)

        assert (list(without.before), without.unchanged) == ([], 1)
        assert (list(whole.before), list(whole.after), whole.unchanged) == ([], [], 2)

    async def test_a_held_report_counts_where_there_is_no_other(self, storage: Storage) -> None:
        """
        So that a better file can take its place.
        """
        await bring(storage, ONE, a_line(1), state=ReportState.HELD)
        attempt = await reading(storage, TWO)

        async with storage.settlement_files.importing(TWO, attempt) as work:
            await work.add([imported(a_line(1))])
            known = await work.reported_before([FRIDAYS])
            difference = await work.difference(FRIDAYS)

        assert known == {FRIDAYS}
        assert (difference.is_held, difference.unchanged) == (True, 1)
        assert (list(difference.before), list(difference.after)) == ([], [])
        assert difference.matched == frozenset()

    async def test_a_reissue_stands_for_what_was_there(self, storage: Storage) -> None:
        """
        The old lines count no more, and a file without any other report is superseded itself.
        """
        await bring(storage, ONE, a_line(1), a_line(2))
        await bring(storage, TWO, a_line(3), a_line(4, settled_on=MONDAY))
        await post(storage, ONE)
        new = (a_line(1, 99_00), a_line(3))
        await bring(storage, THREE, *new, reported=ReportedAgain.REISSUE)

        files = [await storage.settlement_files.get(each) for each in (ONE, TWO, THREE)]
        (old,) = await storage.settlement_reads.unreversed()
        about = await storage.settlement_reads.lines_about([payment_id(1), payment_id(2)])
        assert [each.state for each in files] == [
            SettlementFileState.SUPERSEDED,
            SettlementFileState.IMPORTED,
            SettlementFileState.IMPORTED,
        ]
        assert (old.file, old.state, old.net) == (ONE, ReportState.SUPERSEDED, Money(0))
        assert [each.reported.file for each in about] == [THREE]
        assert told(await storage.settlement_reads.lines_at([LineRef(ONE, 1)])) == [
            (1, LineState.SUPERSEDED, None)
        ]

    async def test_a_waiting_reissue_changes_nothing_until_it_is_taken(
        self, storage: Storage
    ) -> None:
        """
        A later one that waits, too, takes its place; then a person declines it, and takes it all the same.
        """
        await bring(storage, ONE, a_line(1), a_line(2))
        for file, line in ((TWO, a_line(1)), (THREE, a_line(1, 90_00))):
            await bring(
                storage, file, line, state=ReportState.WAITING, reported=ReportedAgain.REISSUE
            )

        reads = storage.settlement_reads
        assert [(each.file, each.state) for each in await reads.unposted()] == [
            (ONE, ReportState.LIVE),
            (THREE, ReportState.WAITING),
        ]
        declined, taken = (
            ReportVerdict(settlement=FRIDAYS, state=state, reported=ReportedAgain.REISSUE)
            for state in (ReportState.DECLINED, ReportState.LIVE)
        )
        async with storage.settlement_files.importing(THREE) as work:
            totals = [each.totals for each in work.file.reports]
            await work.conclude(work.file.state, CONTENT, totals, [declined], AUDITED)
        assert [(each.file, each.state) for each in await reads.unposted()] == [
            (ONE, ReportState.LIVE)
        ]
        async with storage.settlement_files.importing(THREE) as work:
            assert [each.state for each in work.file.reports] == [ReportState.DECLINED]
            assert await work.reported_before([FRIDAYS]) == {FRIDAYS}
            assert len((await work.difference(FRIDAYS)).before) == 2
            await work.conclude(
                SettlementFileState.IMPORTED,
                CONTENT,
                [each.totals for each in work.file.reports],
                [taken],
                AUDITED,
            )
        (live,) = await reads.unposted()
        assert (live.file, live.state, live.net) == (THREE, ReportState.LIVE, Money(90_00))


class SettlementReadsContract:
    async def test_a_report_is_unposted_until_its_journal_is_posted(self, storage: Storage) -> None:
        """
        Then its credit is awaited, until that is found.
        """
        await bring(storage, ONE, a_line(1))
        reads = storage.settlement_reads
        (before,) = await reads.unposted()

        await post(storage, ONE)
        (after,) = await reads.uncredited()
        async with storage.unit_of_work() as work:
            work.settlements.reports.mark_payout(FRIDAYS, PayoutOutcome.CARRIED)
        (carried,) = await reads.uncredited()
        async with storage.unit_of_work() as work:
            work.settlements.reports.mark_payout(FRIDAYS, PayoutOutcome.CREDITED)

        assert (before.journal, before.next_journal, before.payout) == (None, 1, None)
        assert before.settlement == FRIDAYS
        assert before.sales_days == {business_day_of(NOON)}
        assert (after.journal, after.next_journal) == (1, 2)
        assert carried.payout is PayoutOutcome.CARRIED
        assert await reads.unposted() == await reads.uncredited() == []

    async def test_a_report_is_posted_once(self, storage: Storage) -> None:
        """
        A second run that was as fast is told; so is one that reverses what is not superseded.
        """
        await bring(storage, ONE, a_line(1))
        await post(storage, ONE)

        with pytest.raises(ChangedMeanwhile):
            await post(storage, ONE, journal=2)
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.settlements.reports.mark_reversed((ONE, FRIDAYS), NOON)

    async def test_a_superseded_report_is_reversed_once(self, storage: Storage) -> None:
        """
        Its journal and the next one have different sequences.
        """
        await bring(storage, ONE, a_line(1))
        await post(storage, ONE)
        await bring(storage, TWO, a_line(1, 99_00), reported=ReportedAgain.REISSUE)
        reads = storage.settlement_reads

        (old,), (new,) = await reads.unreversed(), await reads.unposted()
        async with storage.unit_of_work() as work:
            work.settlements.reports.mark_reversed((ONE, FRIDAYS), NOON)
            work.settlements.reports.mark_posted((TWO, FRIDAYS), new.next_journal, NOON)

        assert (old.file, old.journal, new.file, new.next_journal) == (ONE, 1, TWO, 2)
        assert await reads.unreversed() == []
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.settlements.reports.mark_reversed((ONE, FRIDAYS), NOON)

    async def test_a_duplicate_that_is_real_counts(self, storage: Storage) -> None:
        """
        Released once, of a report that is live; where the money of its settlement is has to be found out.
        """
        again = [replace(a_line(1), line_no=number, occurrence=number) for number in (2, 3)]
        await bring(storage, ONE, a_line(1), *again)
        await bring(storage, TWO, a_line(9), reported=ReportedAgain.SUPPLEMENT)
        async with storage.unit_of_work() as work:
            for file in (ONE, TWO):
                work.settlements.reports.mark_posted(
                    (file, FRIDAYS), 1, NOON, PayoutOutcome.CREDITED
                )
        assert await storage.settlement_reads.uncredited() == []

        async with storage.unit_of_work() as work:
            work.settlements.reports.release_lines([LineRef(ONE, 2), LineRef(ONE, 3)])

        first, second = await storage.settlement_reads.uncredited()
        assert (first.live_lines, first.net, first.payout) == (3, Money(300_00), None)
        assert (second.live_lines, second.net, second.payout) == (1, Money(100_00), None)
        for places in ([LineRef(ONE, 2)], [LineRef(TWO, 7)]):
            with pytest.raises(ChangedMeanwhile):
                async with storage.unit_of_work() as work:
                    work.settlements.reports.release_lines(places)

    async def test_absence_proves_nothing_from_the_first_held_report_on(
        self, storage: Storage
    ) -> None:
        """
        Not for other MIDs, and not where a complete report of the same settlement is there.
        """
        other = a_line(3, mid="SIM0002")
        await bring(storage, ONE, a_line(1), a_line(2, settled_on=MONDAY), other)
        reads = storage.settlement_reads
        assert await reads.complete_until() == {"SIM0001": MONDAY, "SIM0002": FRIDAY}

        await bring(storage, TWO, a_line(4, settled_on=MONDAY), state=ReportState.HELD)
        assert await reads.complete_until() == {"SIM0001": MONDAY, "SIM0002": FRIDAY}

        another = a_line(5, settlement_id="S5", settled_on=MONDAY)
        await bring(storage, THREE, another, state=ReportState.HELD)
        assert await reads.complete_until() == {"SIM0001": FRIDAY, "SIM0002": FRIDAY}
