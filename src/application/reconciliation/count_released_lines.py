"""Lines that people have released count from the next run on: before it compares, each release in a unit of its own."""

from dataclasses import dataclass
from functools import partial

from application.reconciliation.released_lines import Unposted, countable_lines, unposted_reports
from application.retry_on_conflict import retry_on_conflict
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.released_line import count_lines
from domain.reconciliation.resolution import DiscrepancyResolution
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.settlements.settlement_reads import SettlementReads
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CountReleasedLines:
    """
    What stands in a held report waits until that is released, and what the bank itself holds back until it is paid.

    A line that was superseded meanwhile never counts.
    """

    unit_of_work: UnitOfWork
    settlements: SettlementReads
    agreement: Agreement
    clock: Clock
    origin: Origin

    async def __call__(self) -> None:
        """Count the lines of each release; who dies in between leaves books that are in order."""
        async with self.unit_of_work() as work:
            releases = await work.reconciliation.resolutions.releases()
        if not releases:
            return
        unposted = await unposted_reports(self.settlements)
        for each in releases:
            await retry_on_conflict(partial(self._count, each, unposted))

    async def _count(self, release: DiscrepancyResolution, unposted: Unposted) -> None:
        now = self.clock.now()
        async with self.unit_of_work() as work:
            # Somebody may have undone it since.
            if release not in await work.reconciliation.resolutions.releases():
                return
            found = await work.reconciliation.discrepancies.by_ids([release.discrepancy])
            discrepancy = found[release.discrepancy]
            lines = await countable_lines(
                self.settlements, discrepancy.finding.lines, unposted, self.agreement
            )
            if not lines:
                return
            counted = count_lines(
                discrepancy,
                unposted.without_new(lines),
                at=now,
                calendar=self.agreement.terms.calendar,
            )
            work.settlements.reports.release_lines([each.ref for each in lines])
            work.reconciliation.discrepancies.save([counted.discrepancy])
            if counted.journal is not None:
                work.ledger.journals.post(counted.journal, now)
            facts = {
                "lines": ", ".join(f"{each.file}/{each.line.line_no}" for each in lines),
                "in_suspense_paise": str(counted.discrepancy.finding.posted_paise),
            }
            work.audit.add(
                AuditEntry(
                    at=now,
                    origin=self.origin,
                    action="settlement_line.released",
                    subject=release.discrepancy,
                    facts=facts,
                )
            )
