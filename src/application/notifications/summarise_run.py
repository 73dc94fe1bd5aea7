"""What the email about a reconciliation says: its figures, what is open, and which files are awaited since when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.money import Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.run import RunId
from ports.audit.sealed_log import SealedLog
from ports.clock import Clock
from ports.notifications.email_texts import AwaitedFile, ReconciliationFigures, UnexplainedItem
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyFilter,
    DiscrepancyOrder,
    DiscrepancyQueries,
)
from ports.reconciliation.run_register import RunRegister
from ports.settlements.report_answers import ReportAnswers

ITEMS_MAX: Final = 1_000
"""More open discrepancies than that are counted by the page alone."""

PAGE: Final = "/console/reconciliation/"
OPEN: Final = DiscrepancyFilter(states=frozenset(each for each in DiscrepancyState if each.is_open))


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseRun:
    runs: RunRegister
    answers: ReportAnswers
    discrepancies: DiscrepancyQueries
    sealed_log: SealedLog
    clock: Clock

    async def __call__(self, run_id: RunId) -> ReconciliationFigures | None:
        """Return the figures of the run, None when it has come to nothing; raise ``NotFound``."""
        run = await self.runs.get(run_id)
        told = run.summary
        if told is None:
            return None
        found = await self.discrepancies.page(
            OPEN, order=DiscrepancyOrder.PRIORITY, at=self.clock.now(), at_most=ITEMS_MAX
        )
        items = tuple(_item(each) for each in found.items)
        return ReconciliationFigures(
            run=run.id,
            first=run.first,
            last=run.last,
            settled_count=None,
            settled=Money(told.received_paise + told.refunded_paise),
            matched_count=told.matched,
            matched=Money(told.matched_paise),
            awaited_count=told.expected,
            awaited=Money(told.expected_paise),
            difference=sum((each.difference for each in items), Money(0)),
            unexplained=items,
            page=f"{PAGE}{run.id}",
            files=[
                AwaitedFile(
                    mid=mid, day=(on := date.fromisoformat(day)), since=await self._since(mid, on)
                )
                for mid, day in told.missing.items()
            ],
            checkpoint=(await self.sealed_log.state()).note,
        )

    async def _since(self, mid: str, day: date) -> datetime | None:
        """Return since when the file is asked for, by whichever source was asked first."""
        kept = await self.answers.of_days(day, day)
        asked = [each.first_asked_at or each.asked_at for each in kept if each.mid in {mid, "*"}]
        return min(asked, default=None)


def _item(discrepancy: Discrepancy) -> UnexplainedItem:
    finding = discrepancy.finding
    what = finding.cause.value.replace("_", " ")
    return UnexplainedItem(
        reference=finding.ref,
        what=f"{what}, {finding.settlement}" if finding.settlement else what,
        difference=Money(finding.difference_paise),
    )
