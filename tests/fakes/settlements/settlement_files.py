"""Settlement files in memory, decided line by line and one after the other."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile, NotFound
from domain.money import Money
from domain.reconciliation.reported import LineRef
from domain.settlements.file_state import SettlementFileEvent, SettlementFileState, file_after
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow
from domain.settlements.reissue import DuplicateCause, ReportedAgain, same_amounts
from domain.settlements.settlement_line import LineState, SettlementLine
from domain.settlements.settlement_report import ReportState
from domain.settlements.settlement_totals import SettlementTotals
from fakes.settlements.stored import FileRow, LineRow, ReportRow
from fakes.store import Store
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.settlement_files import (
    READING_MAX,
    FileContent,
    FileReport,
    ReceivedFile,
    Refusal,
    Release,
    ReportedDifference,
    ReportVerdict,
    SettlementFile,
)

COUNTS = (LineState.LIVE, LineState.HELD)
STATES = {
    ReportState.LIVE: LineState.LIVE,
    ReportState.HELD: LineState.HELD,
    ReportState.WAITING: LineState.HELD,
    ReportState.DECLINED: LineState.HELD,
    ReportState.REPEATED: LineState.DUPLICATE,
}


@dataclass(slots=True)
class MemoryFileImport:
    """Works on a copy of the store; *added* are the lines of a file that is read for the first time."""

    store: Store
    file: SettlementFile
    added: list[KeyedLine] = field(default_factory=list)

    @property
    def sha256(self) -> FileHash:
        return self.file.received.sha256

    async def add(self, lines: Sequence[KeyedLine]) -> None:
        await asyncio.sleep(0)
        self.added.extend(lines)

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        await asyncio.sleep(0)
        self.store.rejected_rows |= {LineRef(self.sha256, row.line_no): row for row in rows}

    async def reported_before(self, settlements: Collection[str]) -> frozenset[str]:
        await asyncio.sleep(0)
        return frozenset(
            each.totals.key
            for each in self._others(settlements)
            if each.state in {ReportState.LIVE, ReportState.HELD}
        )

    async def difference(self, settlement: str) -> ReportedDifference:
        await asyncio.sleep(0)
        reports = self._others([settlement])
        is_held = not any(each.state is ReportState.LIVE for each in reports)
        wanted = ReportState.HELD if is_held else ReportState.LIVE
        counted = {each.file: each for each in reports if each.state is wanted}
        old = [
            row
            for row in _lines(self.store)
            if row.file in counted
            and row.settlement == settlement
            and row.state is not LineState.SUPERSEDED
        ]
        new = [each for each in self._told() if each.line.settlement_key == settlement]
        before = {(row.told.key, row.told.line.occurrence) for row in old}
        after = {(each.key, each.line.occurrence) for each in new}
        return ReportedDifference(
            before=[
                row.told.line
                for row in sorted(old, key=lambda row: row.told.line.line_no)
                if (row.told.key, row.told.line.occurrence) not in after
                and row.cause is not DuplicateCause.REPORTED_BEFORE
            ],
            after=[each.line for each in new if (each.key, each.line.occurrence) not in before],
            unchanged=len(before & after),
            matched=frozenset(
                row.told.key
                for row in old
                if row.state is LineState.LIVE
                and counted[row.file].journal is not None
                and (row.told.key, row.told.line.occurrence) not in after
            ),
            is_held=is_held,
        )

    async def conclude(
        self,
        state: SettlementFileState,
        content: FileContent,
        totals: Sequence[SettlementTotals],
        verdicts: Sequence[ReportVerdict],
        audit: AuditEntry,
        *,
        release: Release | None = None,
    ) -> None:
        await asyncio.sleep(0)
        self._decide(verdicts)
        by_key = {each.key: each for each in totals}
        for verdict in verdicts:
            self._keep(by_key[verdict.settlement], verdict)
        row = self.store.settlement_files[self.sha256]
        file = replace(
            row.file, state=state, content=content, released=row.file.released or release
        )
        self.store.settlement_files[self.sha256] = replace(row, file=file, lease_until=None)
        self.store.audit.append(audit)

    def _others(self, settlements: Collection[str]) -> list[ReportRow]:
        return [
            each
            for each in self.store.settlements.values()
            if each.totals.key in settlements and each.file != self.sha256
        ]

    def _told(self) -> list[KeyedLine]:
        if self.added:
            return self.added
        return [
            row.told
            for row in _lines(self.store)
            if row.file == self.sha256 and row.state is not LineState.SUPERSEDED
        ]

    def _decide(self, verdicts: Sequence[ReportVerdict]) -> None:
        by_key = {each.settlement: each for each in verdicts}
        for told in self._told():
            verdict = by_key.get(told.line.settlement_key)
            if verdict is not None:
                repeated = verdict.state is ReportState.REPEATED
                self._put(
                    LineRow(
                        file=self.sha256,
                        told=told,
                        state=STATES[verdict.state],
                        cause=DuplicateCause.REPORTED_BEFORE if repeated else None,
                    )
                )
        for verdict in verdicts:
            if verdict.reported is ReportedAgain.REISSUE:
                self._supersede(verdict)
        self._tell_once()
        self._tell_once_in_all()

    def _supersede(self, verdict: ReportVerdict) -> None:
        replaced = {ReportState.WAITING}
        if verdict.state is ReportState.LIVE:
            replaced |= {ReportState.LIVE, ReportState.HELD}
        for report in self._others([verdict.settlement]):
            if report.state in replaced:
                for row in _lines(self.store):
                    if row.file == report.file and row.settlement == verdict.settlement:
                        self._put(replace(row, state=LineState.SUPERSEDED, cause=None))
                self.store.settlements[report.file, verdict.settlement] = replace(
                    report, state=ReportState.SUPERSEDED, live_lines=0, net=Money(0)
                )
                self._supersede_file(report.file)

    def _supersede_file(self, file: FileHash) -> None:
        reports = [each for each in self.store.settlements.values() if each.file == file]
        row = self.store.settlement_files[file]
        if all(each.state is ReportState.SUPERSEDED for each in reports):
            state = file_after(row.file.state, SettlementFileEvent.SUPERSEDED)
            self.store.settlement_files[file] = replace(row, file=replace(row.file, state=state))

    def _tell_once(self) -> None:
        first: dict[str, LineRow] = {}
        for row in self._own():
            if row.state in COUNTS:
                known = first.setdefault(row.told.event, row)
                if known is not row:
                    self._put(_told_again(row, known.told.line, DuplicateCause.DUPLICATE_LINE))

    def _tell_once_in_all(self) -> None:
        live = {
            row.told.event: row.told.line
            for row in _lines(self.store)
            if row.file != self.sha256 and row.state is LineState.LIVE
        }
        for row in self._own():
            known = live.get(row.told.event)
            if row.state is LineState.LIVE and known is not None:
                self._put(_told_again(row, known, DuplicateCause.REPORTED_BEFORE))

    def _keep(self, totals: SettlementTotals, verdict: ReportVerdict) -> None:
        lines = [row for row in self._own() if row.settlement == verdict.settlement]
        live = [row.told.line for row in lines if row.state is LineState.LIVE]
        key = (self.sha256, verdict.settlement)
        known = self.store.settlements.get(key)
        row = known or ReportRow(
            file=self.sha256, totals=totals, state=verdict.state, reported=verdict.reported
        )
        if row.state is not ReportState.SUPERSEDED:
            self.store.settlements[key] = replace(
                row,
                state=verdict.state,
                reported=verdict.reported,
                live_lines=len(live),
                net=Money(sum(line.net.paise for line in live)),
                sales_days=frozenset(
                    business_day_of(row.told.line.txn_at) for row in lines if row.told.line.txn_at
                ),
            )

    def _own(self) -> list[LineRow]:
        return [row for row in _lines(self.store) if row.file == self.sha256]

    def _put(self, row: LineRow) -> None:
        self.store.settlement_lines[row.place] = row


@dataclass(slots=True)
class MemorySettlementFiles:
    """*trouble* planned by a test is raised when the next import ends, before anything is kept."""

    store: Store
    trouble: list[Exception] = field(default_factory=list)
    _deciding: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def receive(self, file: ReceivedFile, audit: AuditEntry) -> SettlementFile:
        await asyncio.sleep(0)
        if file.sha256 not in self.store.settlement_files:
            received = SettlementFile(received=file, state=SettlementFileState.RECEIVED)
            number = len(self.store.settlement_files) + 1
            self.store.settlement_files[file.sha256] = FileRow(number=number, file=received)
            self.store.audit.append(audit)
        return await self.get(file.sha256)

    async def claim(self, file: FileHash, at: datetime) -> int | None:
        await asyncio.sleep(0)
        row = self.store.settlement_files.get(file)
        if row is None or not (row.file.state is SettlementFileState.RECEIVED or _lost(row, at)):
            return None
        attempts = row.file.attempts + 1
        reading = replace(row.file, state=SettlementFileState.READING, attempts=attempts)
        self.store.settlement_files[file] = replace(row, file=reading, lease_until=at + READING_MAX)
        return attempts

    @asynccontextmanager
    async def importing(
        self, file: FileHash, attempt: int | None = None
    ) -> AsyncIterator[MemoryFileImport]:
        async with self._deciding:
            known = await self.get(file)
            is_last = (known.state, known.attempts) == (SettlementFileState.READING, attempt)
            if attempt is not None and not is_last:
                raise ChangedMeanwhile("the settlement file")
            copied = self.store.copied()
            yield MemoryFileImport(copied, known)
            if self.trouble:
                raise self.trouble.pop(0)
            self.store.take(copied)

    async def refuse(
        self, file: FileHash, attempt: int, refusal: Refusal, audit: AuditEntry
    ) -> None:
        await asyncio.sleep(0)
        row = self.store.settlement_files[file]
        if (row.file.state, row.file.attempts) == (SettlementFileState.READING, attempt):
            refused = replace(row.file, state=SettlementFileState.REFUSED, refusal=refusal)
            self.store.settlement_files[file] = replace(row, file=refused, lease_until=None)
            self.store.audit.append(audit)

    async def reopen(
        self, file: FileHash, preset: str | None, mid: str | None, audit: AuditEntry
    ) -> None:
        await asyncio.sleep(0)
        row = self.store.settlement_files[file]
        if row.file.state is not SettlementFileState.REFUSED:
            raise ChangedMeanwhile("a settlement file")
        received = replace(
            row.file,
            received=replace(row.file.received, preset=preset, mid=mid),
            state=file_after(row.file.state, SettlementFileEvent.NAMED_OTHERWISE),
            refusal=None,
        )
        self.store.settlement_files[file] = replace(row, file=received)
        self.store.audit.append(audit)

    async def unread(self, at: datetime, *, at_most: int) -> Sequence[FileHash]:
        await asyncio.sleep(0)
        for file, row in self.store.settlement_files.items():
            if _lost(row, at):
                state = file_after(row.file.state, SettlementFileEvent.WORKER_LOST)
                waiting = replace(row.file, state=state)
                self.store.settlement_files[file] = replace(row, file=waiting, lease_until=None)
        waiting_files = [
            row
            for row in self.store.settlement_files.values()
            if row.file.state is SettlementFileState.RECEIVED
        ]
        return [
            row.file.received.sha256
            for row in sorted(waiting_files, key=lambda row: row.number)[:at_most]
        ]

    async def get(self, file: FileHash) -> SettlementFile:
        await asyncio.sleep(0)
        row = self.store.settlement_files.get(file)
        if row is None:
            raise NotFound("settlement file", file)
        return self._shown(row)

    async def page(
        self,
        *,
        state: SettlementFileState | None = None,
        waiting: bool = False,
        before: tuple[datetime, FileHash] | None = None,
        at_most: int,
    ) -> Sequence[SettlementFile]:
        await asyncio.sleep(0)
        rows = {
            (row.file.received.received_at, row.file.received.sha256): row
            for row in self.store.settlement_files.values()
            if (state is None or row.file.state is state)
            and (not waiting or self._has_waiting(row.file.received.sha256))
        }
        places = sorted((at for at in rows if before is None or at < before), reverse=True)
        return [self._shown(rows[place]) for place in places[:at_most]]

    def _has_waiting(self, file: FileHash) -> bool:
        return any(
            each.file == file and each.state is ReportState.WAITING
            for each in self.store.settlements.values()
        )

    def _shown(self, row: FileRow) -> SettlementFile:
        reports = sorted(
            (
                each
                for each in self.store.settlements.values()
                if each.file == row.file.received.sha256
            ),
            key=lambda each: (each.totals.settled_on, each.totals.key),
        )
        return replace(
            row.file,
            reports=tuple(
                FileReport(
                    totals=each.totals,
                    state=each.state,
                    reported=each.reported,
                    live_lines=each.live_lines,
                    net=each.net,
                )
                for each in reports
            ),
        )


def _lost(row: FileRow, at: datetime) -> bool:
    return row.lease_until is not None and row.lease_until <= at


def _lines(store: Store) -> list[LineRow]:
    return sorted(
        store.settlement_lines.values(), key=lambda row: (row.file, row.told.line.line_no)
    )


def _told_again(row: LineRow, known: SettlementLine, cause: DuplicateCause) -> LineRow:
    if same_amounts(row.told.line, known):
        return replace(row, state=LineState.DUPLICATE, cause=cause)
    return replace(row, state=LineState.HELD, cause=None)
