"""What was decided about a discrepancy is taken back: by a person who undoes it, or by a run."""

from dataclasses import replace
from datetime import datetime

from domain.business_day import business_day_of
from domain.errors import DomainError
from domain.identifiers import DiscrepancyId
from domain.ledger.journal import Reversal
from domain.ledger.payment_postings import Postings
from domain.reconciliation.credit_write_off import is_credit_write_off, written_off_part
from domain.reconciliation.discrepancy import WORKING_TIME
from domain.reconciliation.discrepancy_state import (
    DiscrepancyEvent,
    DiscrepancyState,
    IllegalDiscrepancyStep,
    discrepancy_after,
)
from domain.reconciliation.finding import Finding
from domain.reconciliation.payout import CreditPart
from domain.reconciliation.released_line import is_counted
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionEvent,
)
from domain.reconciliation.resolution_context import ResolutionContext, ResolutionDecision
from domain.reconciliation.resolution_rules import is_waiting
from domain.reconciliation.resolved_dispute import dispute_that_ended


class NothingInForce(DomainError):
    """There is no resolution to undo."""

    def __init__(self, discrepancy: DiscrepancyId) -> None:
        self.discrepancy = discrepancy
        super().__init__("no resolution of this discrepancy that can be undone is in force")


class UndoRefused(DomainError):
    """What followed from the resolution cannot be taken back here; *why* says what to do instead."""

    def __init__(self, discrepancy: DiscrepancyId, why: str) -> None:
        self.discrepancy, self.why = discrepancy, why
        super().__init__(f"the resolution cannot be undone: {why}")


def resolution_to_undo(context: ResolutionContext) -> DiscrepancyResolution:
    """
    Return the last resolution in force.

    Raises ``NothingInForce`` and ``UndoRefused``, and ``IllegalDiscrepancyStep`` while another resolution
    awaits approval.
    """
    if context.proposed is not None:
        raise IllegalDiscrepancyStep(DiscrepancyState.AWAITING_APPROVAL, DiscrepancyEvent.UNDONE)
    if (target := context.in_force) is None:
        raise NothingInForce(context.discrepancy.id)
    _check_undoable(context, target)
    return target


def undo(
    context: ResolutionContext, resolution: DiscrepancyResolution, target: DiscrepancyResolution
) -> ResolutionDecision:
    """Return *target* undone by *resolution*, or raise ``UndoRefused`` or ``IllegalDiscrepancyStep``."""
    _check_undoable(context, target)
    discrepancy, at = context.discrepancy, context.at
    reopens = target.action is ResolutionAction.MATCH_TO and context.expectation
    if not is_waiting(target):
        state = discrepancy_after(discrepancy.state, DiscrepancyEvent.UNDONE)
        discrepancy = replace(discrepancy, state=state)
    return ResolutionDecision(
        discrepancy=replace(
            discrepancy,
            owner=discrepancy.finding.rule.owner,
            due_at=context.calendar.add_working_time(at, WORKING_TIME),
        ),
        resolution=resolution,
        undone=target.ended(ResolutionEvent.UNDONE, resolution.decided_by, at),
        postings=taken_back(target, at),
        move=reopens.reopened(discrepancy.finding.lines[0]) if reopens else None,
        unpaid=credit_part(target, discrepancy.finding),
    )


def credit_part(resolution: DiscrepancyResolution, finding: Finding) -> CreditPart | None:
    """Return what a credit pays by *resolution* though it differs, None where it writes off no such credit."""
    if not is_credit_write_off(resolution.action, finding):
        return None
    return written_off_part(finding)


def taken_back(resolution: DiscrepancyResolution, at: datetime) -> Postings:
    """Return what takes the journal of *resolution* back, if it has one."""
    key = resolution.journal_key
    return Postings(reversals=(Reversal(key, business_day_of(at)),) if key else ())


def _check_undoable(context: ResolutionContext, target: DiscrepancyResolution) -> None:
    discrepancy = context.discrepancy
    if target.action is ResolutionAction.RELEASE_LINE and is_counted(discrepancy.finding):
        why = "a run counts the line already; end what runs find about it now"
        raise UndoRefused(discrepancy.id, why)
    if (dispute := dispute_that_ended(context, target)) is not None:
        why = f"the dispute {dispute.id} is {dispute.state}, and a dispute only goes forward"
        raise UndoRefused(discrepancy.id, why)
