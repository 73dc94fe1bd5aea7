"""Read what a decision about a discrepancy is made on, and write what follows: stored, posted and audited at once."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.ledger.post_journals import post
from domain.business_day import business_day_of
from domain.errors import NotFound
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.journal import Journal
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.payout import PayoutOutcome
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.reconciliation.resolution_context import ResolutionContext, ResolutionDecision
from domain.reconciliation.resolution_postings import resolution_journal
from ports.audit_log import AuditEntry, Origin
from ports.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ResolutionStanding:
    """
    A discrepancy after a decision, the decision, and its *journal*, None when it moves no money.

    The journal is posted when the resolution comes into force; in a dry run it is only shown. A release has one in a
    dry run alone: the next run posts it. It is *replayed* when an earlier request with the same idempotency key
    decided it.
    """

    discrepancy: Discrepancy
    resolution: DiscrepancyResolution
    journal: Journal | None
    replayed: bool = False


async def read_context(
    work: Work, discrepancy: DiscrepancyId, calendar: BankCalendar, at: datetime
) -> ResolutionContext:
    """Return what a decision at the instant *at* is made on, or raise ``NotFound``."""
    found = await work.reconciliation.discrepancies.by_ids([discrepancy])
    if discrepancy not in found:
        raise NotFound("discrepancy", discrepancy)
    history = await work.reconciliation.resolutions.about([discrepancy])
    return ResolutionContext(
        discrepancy=found[discrepancy],
        history=history.get(discrepancy, ()),
        calendar=calendar,
        at=at,
    )


async def with_expectation(
    work: Work, context: ResolutionContext, payment: PaymentId | None
) -> ResolutionContext:
    """Return *context* with what is expected of *payment*."""
    if payment is None:
        return context
    return replace(context, expectation=await work.reconciliation.expectations.of(payment))


async def with_payment(
    work: Work, context: ResolutionContext, payment: PaymentId | None
) -> ResolutionContext:
    """Return *context* with *payment*, whose dispute it is about; one that is not ours is left out."""
    if payment is None:
        return context
    try:
        return replace(context, payment=await work.payments.repository.get(payment))
    except NotFound:
        return context


def write_decision(
    work: Work, context: ResolutionContext, decision: ResolutionDecision, origin: Origin
) -> ResolutionStanding:
    """Collect all that follows from *decision*, and return how things stand then."""
    resolution, kept = decision.resolution, work.reconciliation
    kept.discrepancies.save([decision.discrepancy])
    if resolution.sequence > len(context.history):
        kept.resolutions.add(resolution)
    else:
        kept.resolutions.save(resolution)
    if decision.undone is not None:
        kept.resolutions.save(decision.undone)
    if decision.move is not None:
        kept.expectations.move([decision.move])
    if (paid := decision.paid) is not None:
        kept.credits.add([paid], context.at)
        work.settlements.bank_entries.close_part(paid, context.at)
        work.settlements.reports.mark_payout(paid.settlement, PayoutOutcome.CREDITED)
    if (unpaid := decision.unpaid) is not None:
        kept.credits.remove(unpaid.entry)
        work.settlements.bank_entries.reopen_part(unpaid)
        work.settlements.reports.mark_payout(unpaid.settlement, PayoutOutcome.DIFFERS)
    post(work, decision.postings, context.at)
    audit_decision(work, decision, origin, context.at)
    standing = standing_after(context, decision)
    stored = replace(standing.discrepancy, version=context.discrepancy.version + 1)
    return replace(standing, discrepancy=stored)


def standing_after(context: ResolutionContext, decision: ResolutionDecision) -> ResolutionStanding:
    """Return how things stand after *decision*, which need not be written."""
    return ResolutionStanding(
        decision.discrepancy, decision.resolution, planned_journal(context, decision.resolution)
    )


def planned_journal(
    context: ResolutionContext, resolution: DiscrepancyResolution
) -> Journal | None:
    """Return the journal of *resolution* on the day of *context*; one that undoes has the mirror of the other."""
    day, finding = business_day_of(context.at), context.discrepancy.finding
    if resolution.undoes is None:
        return resolution_journal(resolution, finding, day)
    undone = resolution_journal(context.history[resolution.undoes - 1], finding, day)
    return None if undone is None else undone.mirrored(day)


def audit_decision(work: Work, decision: ResolutionDecision, origin: Origin, at: datetime) -> None:
    """Collect the audit entry of *decision*: which action, why, and about how much."""
    resolution = decision.resolution
    told = {
        "action": resolution.action,
        "note": resolution.note,
        "sequence": str(resolution.sequence),
        "amount": resolution.amount.plain(),
        "difference_paise": str(resolution.difference_paise),
        "account": resolution.account,
        "payment": resolution.payment,
        "until": resolution.until.isoformat() if resolution.until else None,
        "undoes": str(resolution.undoes) if resolution.undoes else None,
        "journals": ", ".join(str(each.key) for each in decision.postings.journals),
        "reversed": ", ".join(str(each.of) for each in decision.postings.reversals),
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=origin,
            action=f"resolution.{resolution.state}",
            subject=resolution.discrepancy,
            facts={name: value for name, value in told.items() if value},
        )
    )
