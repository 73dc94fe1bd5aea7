"""Decisions about discrepancies end when a run finds another difference, or an explanation: their journals go back."""

from collections.abc import Sequence
from datetime import datetime

from application.ledger.post_journals import post
from application.reconciliation.write_decision import audit_decision
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.resolution_context import ResolutionContext
from domain.reconciliation.resolve import overtaken
from ports.audit_log import Origin
from ports.unit_of_work import Work


async def end_overtaken(
    work: Work,
    discrepancies: Sequence[Discrepancy],
    *,
    calendar: BankCalendar,
    origin: Origin,
    at: datetime,
) -> None:
    """
    Collect the end of each resolution that does not hold any more, in the unit of the run.

    *discrepancies* are as the run leaves them, and are saved by it. What is still resolved for the
    same difference stays so.
    """
    ids = [each.id for each in discrepancies if each.version]
    histories = await work.reconciliation.resolutions.about(ids) if ids else {}
    for discrepancy in discrepancies:
        context = ResolutionContext(
            discrepancy=discrepancy,
            history=histories.get(discrepancy.id, ()),
            calendar=calendar,
            at=at,
        )
        for decision in overtaken(context):
            work.reconciliation.resolutions.save(decision.resolution)
            post(work, decision.postings, at)
            audit_decision(work, decision, origin, at)
