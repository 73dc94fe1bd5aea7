"""A person lets a held file count, or takes or declines a re-issue that the machine did not take."""

from dataclasses import dataclass

from application.settlements.judge_reports import judge_reports
from domain.payments.refund import check_reason
from domain.settlements.file_state import IllegalFileStep, SettlementFileEvent, file_after
from domain.settlements.settlement_report import ReissueNotWaiting, ReportState
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.file_store import FileHash
from ports.settlements.settlement_files import (
    Release,
    ReportVerdict,
    SettlementFile,
    SettlementFiles,
)


@dataclass(frozen=True, slots=True)
class ReleaseSettlementFile:
    files: SettlementFiles
    clock: Clock

    async def __call__(self, file: FileHash, reason: str, origin: Origin) -> SettlementFile:
        """
        Let the held *file* count from now on, and return it; its rejected rows stay what they are.

        Raises ``NotFound``, ``IllegalFileStep`` when it is not held, ``ReasonRefused`` and
        ``CardNumberRefused``.
        """
        check_reason(reason)
        async with self.files.importing(file) as work:
            content = work.file.content
            if content is None:
                raise IllegalFileStep(work.file.state, SettlementFileEvent.RELEASED)
            state = file_after(work.file.state, SettlementFileEvent.RELEASED)
            held = [each.totals for each in work.file.reports if each.state is ReportState.HELD]
            at = self.clock.now()
            await work.conclude(
                state,
                content,
                held,
                await judge_reports(work, held),
                AuditEntry(
                    at=at,
                    origin=origin,
                    action="settlement_file.released",
                    subject=file,
                    facts={"reason": reason},
                ),
                release=Release(at=at, by=origin.actor, why=reason),
            )
        return await self.files.get(file)


@dataclass(frozen=True, slots=True)
class TakeReissue:
    files: SettlementFiles
    clock: Clock

    async def __call__(
        self, file: FileHash, settlement: str, reason: str, origin: Origin
    ) -> SettlementFile:
        """
        Let the re-issue of *settlement* in *file* stand for what other files have reported; return the file.

        A run reverses what was posted, and posts it anew. One that was declined may be taken all the same.
        Raises ``NotFound``, ``ReissueNotWaiting``, ``ReasonRefused`` and ``CardNumberRefused``.
        """
        check_reason(reason)
        async with self.files.importing(file) as work:
            waiting = [
                each.totals
                for each in work.file.reports
                if each.state in {ReportState.WAITING, ReportState.DECLINED}
                and each.totals.key == settlement
            ]
            content = work.file.content
            if not waiting or content is None:
                raise ReissueNotWaiting(settlement)
            await work.conclude(
                work.file.state,
                content,
                waiting,
                await judge_reports(work, waiting, taken=[settlement]),
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="settlement_file.reissue_taken",
                    subject=file,
                    facts={"settlement": settlement, "reason": reason},
                ),
            )
        return await self.files.get(file)


@dataclass(frozen=True, slots=True)
class DeclineReissue:
    files: SettlementFiles
    clock: Clock

    async def __call__(
        self, file: FileHash, settlement: str, reason: str, origin: Origin
    ) -> SettlementFile:
        """
        Keep that the re-issue of *settlement* in *file* is not taken, so that no run awaits it; return the file.

        What other files have reported still counts. Raises ``NotFound``, ``ReissueNotWaiting``,
        ``ReasonRefused`` and ``CardNumberRefused``.
        """
        check_reason(reason)
        async with self.files.importing(file) as work:
            waiting = [
                each
                for each in work.file.reports
                if each.state is ReportState.WAITING and each.totals.key == settlement
            ]
            content = work.file.content
            if not waiting or content is None:
                raise ReissueNotWaiting(settlement)
            await work.conclude(
                work.file.state,
                content,
                [each.totals for each in waiting],
                [
                    ReportVerdict(
                        settlement=settlement, state=ReportState.DECLINED, reported=each.reported
                    )
                    for each in waiting
                ],
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="settlement_file.reissue_declined",
                    subject=file,
                    facts={"settlement": settlement, "reason": reason},
                ),
            )
        return await self.files.get(file)
