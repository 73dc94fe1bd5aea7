"""What no line settles: expected until it is overdue, and then missing for a reason that is tested."""

from domain.reconciliation.book_entry import BookEntry, EntryKind
from domain.reconciliation.comparison import Comparison
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Subject


def find_missing(comparison: Comparison) -> list[BookEntry]:
    """Find what is overdue by a complete file, and return what is only expected."""
    expected = []
    for entry in list(comparison.unsettled.values()):
        complete_until = comparison.evidence.complete_for(entry.mid, comparison.agreement.mids)
        terms = comparison.agreement.terms
        if terms.is_overdue(entry.due_on, comparison.evidence.today, complete_until):
            comparison.find(_missing(comparison, entry))
        else:
            expected.append(entry)
    return expected


def _missing(comparison: Comparison, entry: BookEntry) -> Finding:
    kind, cause = _reason(comparison, entry)
    is_refund = entry.kind is EntryKind.REFUND
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.REFUND if is_refund else Subject.PAYMENT,
        ref=entry.id,
        settlement="",
        difference_paise=-entry.signed_paise,
        action=TAXONOMY[kind, cause].action,
        entries=(entry.id,),
        evidence=facts(
            due_on=entry.due_on,
            mid=entry.mid,
            complete_until=comparison.evidence.complete_for(entry.mid, comparison.agreement.mids),
        ),
    )


def _reason(comparison: Comparison, entry: BookEntry) -> tuple[DiscrepancyType, Cause]:
    read = comparison.evidence.reads.get(entry.payment_id)
    if read is not None and read.is_held:
        return DiscrepancyType.MISSING_IN_GATEWAY, Cause.HELD_BY_BANK
    if entry.kind is EntryKind.REFUND:
        return DiscrepancyType.MISSING_IN_GATEWAY, Cause.REFUND_NOT_NETTED
    if read is not None and not read.is_charged:
        return DiscrepancyType.STATUS_MISMATCH, Cause.SOLD_HERE_UNKNOWN_THERE
    return DiscrepancyType.MISSING_IN_GATEWAY, Cause.NOT_SETTLED_WHEN_DUE
