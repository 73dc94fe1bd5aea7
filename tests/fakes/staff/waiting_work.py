"""What waits for staff, out of memory."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.gateway_config.configuration_version import VersionState
from domain.payments.refund_state import RefundState
from domain.reconciliation.resolution import ResolutionState
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import ReportState
from fakes.store import Store
from ports.staff.waiting_work import COUNTED_MAX, WaitingWork, WorkKind


@dataclass(frozen=True, slots=True)
class MemoryWaitingWork:
    store: Store

    async def waiting(self, member: str, at: datetime) -> Sequence[WaitingWork]:
        await asyncio.sleep(0)
        each = {
            WorkKind.OVERDUE_DISCREPANCY: self._discrepancies(at, overdue=True),
            WorkKind.DISCREPANCY: self._discrepancies(at, overdue=False),
            WorkKind.REFUND_APPROVAL: self._refunds(member),
            WorkKind.RESOLUTION_APPROVAL: self._resolutions(member),
            WorkKind.CONFIGURATION_APPROVAL: self._configurations(member, at),
            WorkKind.REVIEW: self._reviews(),
            WorkKind.DEAD_LETTER: self._dead_letters(),
            WorkKind.HELD_FILE: self._held(),
            WorkKind.WAITING_REISSUE: self._reissues(),
        }
        found = {kind: sorted(since)[:COUNTED_MAX] for kind, since in each.items()}
        return [
            WaitingWork(kind=kind, count=len(found[kind]), since=found[kind][0])
            for kind in WorkKind
            if found[kind]
        ]

    def _discrepancies(self, at: datetime, *, overdue: bool) -> Iterator[datetime]:
        for each in self.store.discrepancies.values():
            if each.state.is_open and each.is_overdue(at) is overdue:
                yield each.first_found_at

    def _refunds(self, member: str) -> Iterator[datetime]:
        for payment in self.store.payments.values():
            for each in payment.refunds.known:
                if each.state is RefundState.AWAITING_APPROVAL and each.asked_by != member:
                    yield each.asked_at

    def _resolutions(self, member: str) -> Iterator[datetime]:
        for each in self.store.resolutions.values():
            if each.state is ResolutionState.PROPOSED and each.decided_by != member:
                yield each.decided_at

    def _configurations(self, member: str, at: datetime) -> Iterator[datetime]:
        for each in self.store.configurations.values():
            undecided = each.state is VersionState.PROPOSED and not each.has_lapsed(at)
            if undecided and f"staff:{each.proposed_by}" != member:
                yield each.proposed_at

    def _reviews(self) -> Iterator[datetime]:
        for payment in self.store.payments.values():
            if payment.review.known:
                yield payment.review.known[0].since

    def _dead_letters(self) -> Iterator[datetime]:
        for row in self.store.outbox.values():
            if row.state == "dead" and row.closed_at is not None:
                yield row.closed_at
        for webhook in self.store.inbox.values():
            if webhook.is_refused and webhook.closed_at is not None:
                yield webhook.closed_at

    def _held(self) -> Iterator[datetime]:
        for row in self.store.settlement_files.values():
            if row.file.state is SettlementFileState.HELD:
                yield row.file.received.received_at

    def _reissues(self) -> Iterator[datetime]:
        for report in self.store.settlements.values():
            if report.state is ReportState.WAITING:
                yield self.store.settlement_files[report.file].file.received.received_at
