"""A person resolves a discrepancy, a second one approves, and either may be undone: what follows from each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.business_day import business_day_of, business_day_start
from domain.errors import DomainError
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.ledger.payment_postings import Postings
from domain.reconciliation.credit_write_off import is_credit_write_off
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import (
    DiscrepancyEvent,
    DiscrepancyState,
    discrepancy_after,
)
from domain.reconciliation.released_line import is_counted
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionEvent,
    ResolutionLimits,
    ResolutionState,
    checked_note,
)
from domain.reconciliation.resolution_context import (
    DecidedAlone,
    ResolutionContext,
    ResolutionDecision,
)
from domain.reconciliation.resolution_postings import resolution_journal
from domain.reconciliation.resolution_rules import (
    ABOUT_HELD_LINES,
    ALWAYS_SECONDED,
    DISPUTE_STATES,
    LIMITED,
    NEED_PAYMENT,
    ResolutionFieldRefused,
    ResolutionRequest,
    check_credit,
    check_fields,
    check_lawful,
    check_match,
    concerned_payment,
    decided_amount,
    is_waiting,
    journal_kind,
)
from domain.reconciliation.resolved_dispute import recorded_dispute
from domain.reconciliation.taxonomy import Owner
from domain.reconciliation.undo_resolution import (
    credit_part,
    resolution_to_undo,
    taken_back,
    undo,
)

BY_A_RUN: Final = "system"
"""Who ends a resolution when a later run finds something else."""

ONE_DAY: Final = timedelta(days=1)
REFUND_TIME: Final = timedelta(days=10)
"""After this staff have to ask the bank for a refund (SmartGateway's refund API)."""


class NotAwaitingApproval(DomainError):
    """No resolution of the discrepancy, or not any more, waits for a second person."""

    def __init__(self, discrepancy: DiscrepancyId) -> None:
        self.discrepancy = discrepancy
        super().__init__("no resolution of this discrepancy awaits approval")


class ResolutionOvertaken(DomainError):
    """A later run found another difference than the one that was decided about."""

    def __init__(self, discrepancy: DiscrepancyId) -> None:
        self.discrepancy = discrepancy
        super().__init__(
            "another difference was found since it was proposed; reject it and decide again"
        )


def resolve(
    context: ResolutionContext,
    request: ResolutionRequest,
    alone: DecidedAlone,
    limits: ResolutionLimits,
) -> ResolutionDecision:
    """
    Return what follows from *request*: in force at once, or proposed to a second person.

    Raises
    - ``StaleDiscrepancy`` and ``IllegalDiscrepancyStep``;
    - ``NoteRefused`` and ``CardNumberRefused``;
    - ``ResolutionActionUnlawful`` and ``ResolutionFieldRefused``;
    - ``NothingInForce`` and ``UndoRefused`` where there is nothing to undo, or it cannot be.
    """
    discrepancy = context.seen_as(request.version)
    note, finding = checked_note(request.note), discrepancy.finding
    undone = resolution_to_undo(context) if request.action is ResolutionAction.UNDO else None
    if undone is None:
        check_lawful(request.action, finding.cause)
        discrepancy_after(discrepancy.state, DiscrepancyEvent.RESOLVED)
    check_fields(request, finding, business_day_of(context.at))
    if request.action is ResolutionAction.MATCH_TO:
        check_match(finding, context.expectation)
    if is_credit_write_off(request.action, finding):
        check_credit(finding)
    if request.action in ABOUT_HELD_LINES and is_counted(finding):
        raise ResolutionFieldRefused("action", "a run counts the line already")
    if request.action is ResolutionAction.REFUND_STUDENT and context.asks_for_refund:
        raise ResolutionFieldRefused("action", "its refund was asked for already")
    amount = undone.amount if undone else decided_amount(finding)
    is_limited = request.action in LIMITED
    if undone is not None:
        # What a second person approved is not undone by one alone.
        is_seconded = undone.approved_by is not None
    else:
        above = amount > limits.each or alone.total + amount > limits.day
        is_seconded = request.action in ALWAYS_SECONDED or (is_limited and above)
    posts = journal_kind(request.action, finding)
    names_payment = request.action in NEED_PAYMENT | DISPUTE_STATES.keys()
    new = DiscrepancyResolution(
        discrepancy=discrepancy.id,
        sequence=len(context.history) + 1,
        action=request.action,
        state=ResolutionState.PROPOSED if is_seconded else ResolutionState.IN_FORCE,
        note=note,
        amount=amount,
        difference_paise=finding.difference_paise,
        posted_paise=finding.posted_paise,
        decided_by=request.by,
        decided_at=context.at,
        limits=limits,
        account=_account(request) if posts else None,
        payment=concerned_payment(request, finding) if names_payment else None,
        until=request.until,
        undoes=undone.sequence if undone else None,
        alone=alone.count + 1 if is_limited and not is_seconded else None,
        posts=posts,
        key=request.key,
    )
    if not is_seconded:
        return _in_force(context, new, DiscrepancyEvent.RESOLVED)
    if undone is None:
        discrepancy = _moved(discrepancy, DiscrepancyEvent.SECOND_PERSON_NEEDED)
    return ResolutionDecision(discrepancy=discrepancy, resolution=new)


def matched_payment(context: ResolutionContext, request: ResolutionRequest) -> PaymentId | None:
    """Return the payment with which *request* matches a line, or whose match it takes back; None otherwise."""
    if request.action is ResolutionAction.MATCH_TO:
        return concerned_payment(request, context.discrepancy.finding)
    last = context.in_force if request.action is ResolutionAction.UNDO else None
    return last.payment if last and last.action is ResolutionAction.MATCH_TO else None


def approve(context: ResolutionContext, by: str) -> ResolutionDecision:
    """
    Return the proposed resolution, in force.

    Raises ``NotAwaitingApproval``, ``ResolutionSecondPersonNeeded`` and ``ResolutionOvertaken``.
    """
    approved = _proposal(context).approved(by, context.at)
    finding = context.discrepancy.finding
    seen = (approved.difference_paise, approved.posted_paise)
    if (finding.difference_paise, finding.posted_paise) != seen:
        raise ResolutionOvertaken(context.discrepancy.id)
    return _in_force(context, approved, DiscrepancyEvent.APPROVED)


def reject(context: ResolutionContext, by: str) -> ResolutionDecision:
    """Return the proposal: withdrawn by who made it, rejected by anyone else; raises ``NotAwaitingApproval``."""
    proposed, discrepancy = _proposal(context), context.discrepancy
    withdrawn = by == proposed.decided_by
    event = ResolutionEvent.WITHDRAWN if withdrawn else ResolutionEvent.REJECTED
    if proposed.undoes is None:
        step = DiscrepancyEvent.WITHDRAWN if withdrawn else DiscrepancyEvent.REJECTED
        discrepancy = _moved(discrepancy, step)
    ended = proposed.ended(event, by, context.at)
    return ResolutionDecision(discrepancy=discrepancy, resolution=ended)


def overtaken(context: ResolutionContext) -> Sequence[ResolutionDecision]:
    """
    Return what ends because a run has moved the discrepancy since; the journal of each is taken back.

    A decision holds for what the person saw: a discrepancy that a run opens again has none.
    """
    return [
        ResolutionDecision(
            discrepancy=context.discrepancy,
            resolution=each.ended(ResolutionEvent.OVERTAKEN, BY_A_RUN, context.at),
            postings=taken_back(each, context.at)
            if each.state is ResolutionState.IN_FORCE
            else Postings(),
        )
        for each in context.history
        if _is_overtaken(each, context.discrepancy)
    ]


def _account(request: ResolutionRequest) -> Account | None:
    is_write_off = request.action is ResolutionAction.WRITE_OFF
    return Account.WRITEOFF if is_write_off else request.account


def _proposal(context: ResolutionContext) -> DiscrepancyResolution:
    if (proposed := context.proposed) is None:
        raise NotAwaitingApproval(context.discrepancy.id)
    return proposed


def _in_force(
    context: ResolutionContext, resolution: DiscrepancyResolution, event: DiscrepancyEvent
) -> ResolutionDecision:
    discrepancy, at = context.discrepancy, context.at
    if resolution.undoes is not None:
        return undo(context, resolution, context.history[resolution.undoes - 1])
    if is_waiting(resolution):
        due_at = (
            at + REFUND_TIME
            if resolution.until is None
            else business_day_start(resolution.until + ONE_DAY)
        )
        return ResolutionDecision(
            discrepancy=replace(discrepancy, owner=Owner.BANK, due_at=due_at),
            resolution=resolution,
            disputed=recorded_dispute(context, resolution),
        )
    finding = discrepancy.finding
    journal = resolution_journal(resolution, finding, business_day_of(at))
    settles = resolution.action is ResolutionAction.MATCH_TO and context.expectation
    return ResolutionDecision(
        discrepancy=_moved(discrepancy, event),
        resolution=resolution,
        postings=Postings((journal,) if journal else ()),
        move=settles.settled(finding.lines[0]) if settles else None,
        paid=credit_part(resolution, finding),
        disputed=recorded_dispute(context, resolution),
    )


def _is_overtaken(resolution: DiscrepancyResolution, discrepancy: Discrepancy) -> bool:
    is_undo, state = resolution.undoes is not None, discrepancy.state
    if resolution.action is ResolutionAction.RELEASE_LINE and is_counted(discrepancy.finding):
        # It was carried out; what a re-issue tells anew is another line, which nobody has released.
        return False
    if resolution.state is ResolutionState.PROPOSED:
        waits_in = DiscrepancyState.RESOLVED if is_undo else DiscrepancyState.AWAITING_APPROVAL
        return state is not waits_in
    decides = resolution.state is ResolutionState.IN_FORCE and not is_undo
    return decides and not is_waiting(resolution) and state is not DiscrepancyState.RESOLVED


def _moved(discrepancy: Discrepancy, event: DiscrepancyEvent) -> Discrepancy:
    return replace(discrepancy, state=discrepancy_after(discrepancy.state, event))
