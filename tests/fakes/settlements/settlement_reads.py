"""What a run reads of settlement files, out of memory."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.reconciliation.payout import PayoutOutcome
from domain.reconciliation.reported import LineRef, UnreadableRow
from domain.settlements.reissue import DuplicateCause
from domain.settlements.settlement_line import LineState
from domain.settlements.settlement_report import ReportAnswer, ReportState
from fakes.settlements.stored import LineRow, ReportRow
from fakes.store import Change, Store
from ports.file_store import FileHash
from ports.settlements.settlement_reads import StoredLine, StoredSettlement

UNPOSTED = (ReportState.LIVE, ReportState.HELD, ReportState.WAITING)


@dataclass(frozen=True, slots=True)
class MemorySettlementReads:
    store: Store

    async def unposted(self) -> Sequence[StoredSettlement]:
        return await self._reports(lambda row: row.journal is None and row.state in UNPOSTED)

    async def unreversed(self) -> Sequence[StoredSettlement]:
        return await self._reports(
            lambda row: (
                row.state is ReportState.SUPERSEDED
                and row.journal is not None
                and not row.is_reversed
            )
        )

    async def uncredited(self) -> Sequence[StoredSettlement]:
        return await self._reports(
            lambda row: (
                row.state is ReportState.LIVE
                and row.journal is not None
                and row.payout is not PayoutOutcome.CREDITED
            )
        )

    async def lines_of(self, reports: Collection[tuple[FileHash, str]]) -> Sequence[StoredLine]:
        await asyncio.sleep(0)
        own = [row for row in self._counting() if (row.file, row.settlement) in set(reports)]
        told_anew = {
            row.told.event
            for row in own
            if row.state is LineState.HELD
            and self.store.settlements[row.file, row.settlement].state is ReportState.LIVE
        }
        first = [
            row
            for row in self._counting()
            if row.state is LineState.LIVE and row.told.event in told_anew
        ]
        return _stored({row.place: row for row in (*own, *first)}.values())

    async def lines_about(self, payments: Collection[PaymentId]) -> Sequence[StoredLine]:
        await asyncio.sleep(0)
        return _stored(row for row in self._counting() if row.told.line.payment_id in payments)

    async def lines_at(self, places: Collection[LineRef]) -> Sequence[StoredLine]:
        await asyncio.sleep(0)
        return _stored(row for row in self.store.settlement_lines.values() if row.place in places)

    async def rejected_rows(self, files: Collection[FileHash]) -> Sequence[UnreadableRow]:
        await asyncio.sleep(0)
        return [
            UnreadableRow(file=place.file, line_no=row.line_no, reason=row.reason)
            for place, row in sorted(self.store.rejected_rows.items())
            if place.file in files
        ]

    async def complete_until(self) -> Mapping[str, date]:
        await asyncio.sleep(0)
        reports = self.store.settlements.values()
        live = [each for each in reports if each.state is ReportState.LIVE]
        known = {each.totals.key for each in live}
        held = [
            each
            for each in reports
            if each.state is ReportState.HELD and each.totals.key not in known
        ]
        found: dict[str, date] = {}
        told = [(each.totals.mid, each.totals.settled_on) for each in live] + [
            (each.mid, each.day)
            for each in self.store.report_answers.values()
            if each.answer is ReportAnswer.NOTHING_SETTLED
        ]
        for mid, day in told:
            if not any(h.totals.mid == mid and h.totals.settled_on <= day for h in held):
                found[mid] = max(day, found.get(mid, day))
        return found

    async def _reports(self, wanted: Callable[[ReportRow], bool]) -> list[StoredSettlement]:
        await asyncio.sleep(0)
        rows = [row for row in self.store.settlements.values() if wanted(row)]
        rows.sort(key=lambda row: (row.totals.settled_on, row.totals.key, row.file))
        return [self._stored_settlement(row) for row in rows]

    def _stored_settlement(self, row: ReportRow) -> StoredSettlement:
        journals = [
            each.journal or 0
            for each in self.store.settlements.values()
            if each.totals.key == row.totals.key
        ]
        stored = self.store.settlement_files.get(row.file)
        content = stored.file.content if stored else None
        return StoredSettlement(
            file=row.file,
            file_lines=content.line_count if content else 0,
            declared=content.declared if content else (),
            totals=row.totals,
            state=row.state,
            reported=row.reported,
            live_lines=row.live_lines,
            net=row.net,
            sales_days=row.sales_days,
            journal=row.journal,
            next_journal=max(journals) + 1,
            is_reversed=row.is_reversed,
            payout=row.payout,
        )

    def _counting(self) -> list[LineRow]:
        return [
            row
            for row in self.store.settlement_lines.values()
            if row.state is not LineState.SUPERSEDED
            and row.cause is not DuplicateCause.REPORTED_BEFORE
        ]


@dataclass(frozen=True, slots=True)
class MemorySettlementWrites:
    changes: list[Change]

    def mark_posted(
        self,
        report: tuple[FileHash, str],
        journal: int,
        at: datetime,
        payout: PayoutOutcome | None = None,
    ) -> None:
        self._change(
            report,
            lambda row: row.state is ReportState.LIVE and row.journal is None,
            lambda row: replace(row, journal=journal, posted_at=at, payout=payout),
        )

    def mark_reversed(self, report: tuple[FileHash, str], at: datetime) -> None:
        del at
        self._change(
            report,
            lambda row: (
                row.state is ReportState.SUPERSEDED
                and row.journal is not None
                and not row.is_reversed
            ),
            lambda row: replace(row, is_reversed=True),
        )

    def mark_payout(self, settlement: str, outcome: PayoutOutcome) -> None:
        def change(store: Store) -> None:
            store.settlements |= {
                key: replace(row, payout=outcome)
                for key, row in store.settlements.items()
                if row.totals.key == settlement and row.state is ReportState.LIVE
            }

        self.changes.append(change)

    def release_lines(self, places: Collection[LineRef]) -> None:
        for place in sorted(set(places)):
            self._release(place)

    def _release(self, place: LineRef) -> None:
        def change(store: Store) -> None:
            row = store.settlement_lines.get(place)
            report = None if row is None else store.settlements[row.file, row.settlement]
            if (
                row is None
                or report is None
                or row.state not in {LineState.DUPLICATE, LineState.HELD}
                or report.state is not ReportState.LIVE
            ):
                raise ChangedMeanwhile("a report of a settlement")
            store.settlement_lines[place] = replace(row, state=LineState.LIVE, cause=None)
            store.settlements[row.file, row.settlement] = replace(
                report,
                live_lines=report.live_lines + 1,
                net=report.net + row.told.line.net,
            )
            store.settlements |= {
                key: replace(each, payout=None)
                for key, each in store.settlements.items()
                if each.totals.key == row.settlement and each.state is ReportState.LIVE
            }

        self.changes.append(change)

    def _change(
        self,
        report: tuple[FileHash, str],
        fits: Callable[[ReportRow], bool],
        changed: Callable[[ReportRow], ReportRow],
    ) -> None:
        def change(store: Store) -> None:
            row = store.settlements.get(report)
            if row is None or not fits(row):
                raise ChangedMeanwhile("a report of a settlement")
            store.settlements[report] = changed(row)

        self.changes.append(change)


def _stored(rows: Iterable[LineRow]) -> list[StoredLine]:
    ordered = sorted(
        rows,
        key=lambda row: (
            row.told.line.settled_on,
            row.settlement,
            row.file,
            row.told.line.line_no,
        ),
    )
    return [StoredLine(reported=row.reported, state=row.state, cause=row.cause) for row in ordered]
