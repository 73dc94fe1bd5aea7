"""Ask the sources for the settlement files of a business date, import what is ready, and keep what they said."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import BinaryIO, Final, assert_never

from application.settlements.import_settlement_file import ImportSettlementFile, IncomingFile
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin, ReportAnswer
from ports.audit_log import Origin
from ports.clock import Clock
from ports.settlements.report_answers import KeptAnswer, ReportAnswers
from ports.settlements.settlement_files import SettlementFile
from ports.settlements.settlement_source import (
    NothingSettled,
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    ReportUnavailable,
    SettlementSource,
    SourceAway,
)

REPORT_BYTES_MAX: Final = 64 * 1024 * 1024
ANY_MID: Final = "*"
"""Stands for all MIDs while none is known by a setting."""

WHY_CHARS_MAX: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedDay:
    """What the sources said of *day*, for each MID, and the files that were imported, new ones or not."""

    day: date
    answers: tuple[KeptAnswer, ...]
    files: tuple[SettlementFile, ...]

    @property
    def awaited(self) -> tuple[str, ...]:
        """The MIDs of which no source has a file yet, and none said that nothing was settled."""
        done = {
            each.mid
            for each in self.answers
            if each.answer in {ReportAnswer.READY, ReportAnswer.NOTHING_SETTLED}
        }
        return tuple(sorted({each.mid for each in self.answers} - done))


@dataclass(slots=True)
class _Told:
    """What one source said, and the files that it gave."""

    answer: ReportAnswer
    retry_at: datetime | None = None
    why: str | None = None
    files: list[SettlementFile] = field(default_factory=list)

    def of(self, mid: str, origin: FileOrigin) -> ReportAnswer:
        """Return the answer as far as *mid* goes: a report that is whole and does not name it settles nothing."""
        if self.answer is not ReportAnswer.READY or mid == ANY_MID:
            return self.answer
        if any(report.totals.mid == mid for file in self.files for report in file.reports):
            return ReportAnswer.READY
        if origin is FileOrigin.FOLDER or not all(
            file.state is SettlementFileState.IMPORTED for file in self.files
        ):
            return ReportAnswer.NOT_READY
        return ReportAnswer.NOTHING_SETTLED


@dataclass(frozen=True, slots=True)
class FetchSettlements:
    """*sources* are asked in their order; *mids* are those of which files are awaited."""

    sources: Mapping[FileOrigin, SettlementSource]
    mids: Collection[str]
    import_file: ImportSettlementFile
    answers: ReportAnswers
    clock: Clock

    async def __call__(self, day: date, origin: Origin) -> FetchedDay:
        """
        Return what there is of the business date *day* (India); it may be asked again at any time.

        Files that an earlier worker left unread are read first. A source that is away does not keep the
        others from being asked. Raises ``FilesUnavailable`` and ``StorageUnavailable``.
        """
        await self.import_file.read_waiting(origin)
        files: list[SettlementFile] = []
        answers: list[KeptAnswer] = []
        for name, source in self.sources.items():
            told = await self._ask(name, source, day, origin)
            files.extend(told.files)
            answers.extend(
                KeptAnswer(
                    mid=mid,
                    day=day,
                    origin=name,
                    answer=told.of(mid, name),
                    asked_at=self.clock.now(),
                    retry_at=told.retry_at,
                    why=told.why,
                )
                for mid in sorted(self.mids) or [ANY_MID]
            )
        await self.answers.keep(answers)
        return FetchedDay(day=day, answers=tuple(answers), files=tuple(files))

    async def _ask(
        self, name: FileOrigin, source: SettlementSource, day: date, origin: Origin
    ) -> _Told:
        answer = await source.reports_of(day)
        match answer:
            case ReportsReady(reports):
                return await self._fetch(name, source, reports, day, origin)
            case ReportsNotReady(retry_at):
                return _Told(ReportAnswer.NOT_READY, retry_at=retry_at)
            case NothingSettled():
                return _Told(ReportAnswer.NOTHING_SETTLED)
            case SourceAway(reason):
                return _Told(ReportAnswer.AWAY, why=reason[:WHY_CHARS_MAX])
            case _:
                assert_never(answer)

    async def _fetch(
        self,
        name: FileOrigin,
        source: SettlementSource,
        reports: Sequence[ReadyReport],
        day: date,
        origin: Origin,
    ) -> _Told:
        told = _Told(ReportAnswer.READY)
        for report in reports:
            try:
                content = await _whole(source, report)
            except ReportUnavailable as failure:
                told.answer, told.why = ReportAnswer.AWAY, f"{failure}"[:WHY_CHARS_MAX]
                continue
            with content:
                incoming = IncomingFile(name=report.name, content=content, origin=name, day=day)
                told.files.append(await self.import_file(incoming, origin))
        return told


async def _whole(source: SettlementSource, report: ReadyReport) -> BinaryIO:
    """Return the whole of *report* as a file of the caller's; it is not read before it is there."""
    with ExitStack() as stack:
        content = stack.enter_context(TemporaryFile())
        size = 0
        async with source.open(report) as chunks:
            async for chunk in chunks:
                size += content.write(chunk)
                if size > REPORT_BYTES_MAX:
                    raise ReportUnavailable(f"the report has more than {REPORT_BYTES_MAX} bytes")
        stack.pop_all()
        return content
