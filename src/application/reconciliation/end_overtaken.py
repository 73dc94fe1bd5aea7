"""Decisions about discrepancies end when a run finds another difference, or an explanation: their journals go back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from application.ledger.post_journals import post
from application.reconciliation.write_decision import audit_decision
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.finding import DiscrepancyKey
from domain.reconciliation.resolution import ResolutionState
from domain.reconciliation.resolution_context import ResolutionContext
from domain.reconciliation.resolution_rules import OF_LINES
from domain.reconciliation.resolve import overtaken
from ports.audit_log import Origin
from ports.unit_of_work import Work


async def decided_of_lines(
    work: Work, discrepancies: Iterable[Discrepancy]
) -> frozenset[DiscrepancyKey]:
    """Return which of *discrepancies* are resolved by a decision that holds for their lines alone."""
    resolved = {
        each.id: each.key for each in discrepancies if each.state is DiscrepancyState.RESOLVED
    }
    histories = await work.reconciliation.resolutions.about(resolved) if resolved else {}
    return frozenset(
        resolved[each]
        for each, history in histories.items()
        if any(one.state is ResolutionState.IN_FORCE and one.action in OF_LINES for one in history)
    )


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
