"""The journal of a resolution that comes into force; it is taken back by its mirror."""

from datetime import date

from domain.ledger.journal import Journal, JournalKind
from domain.ledger.settlement_postings import (
    post_accepted,
    post_chargeback_lost,
    post_credit_written_off,
    post_match,
)
from domain.money import Money
from domain.reconciliation.credit_write_off import is_credit_write_off, written_off_part
from domain.reconciliation.finding import Finding
from domain.reconciliation.resolution import DiscrepancyResolution


def resolution_journal(
    resolution: DiscrepancyResolution, finding: Finding, day: date
) -> Journal | None:
    """Return what *resolution* of *finding* posts on *day*, None when it moves no money."""
    subject, payment = resolution.discrepancy, resolution.payment
    posted = Money(resolution.posted_paise)
    if is_credit_write_off(resolution.action, finding):
        return _credit_written_off(resolution, finding, day)
    if resolution.posts is JournalKind.ACCEPTED and resolution.account is not None:
        return post_accepted(
            subject, -posted, day, account=resolution.account, sequence=resolution.sequence
        )
    if resolution.posts is JournalKind.MATCH and payment is not None:
        return post_match(subject, payment, posted, day, sequence=resolution.sequence)
    if resolution.posts is JournalKind.CHARGEBACK_LOST and payment is not None:
        return post_chargeback_lost(
            subject,
            payment,
            Money(-resolution.difference_paise),
            day,
            sequence=resolution.sequence,
        )
    return None


def _credit_written_off(
    resolution: DiscrepancyResolution, finding: Finding, day: date
) -> Journal | None:
    if (part := written_off_part(finding)) is None:
        return None
    return post_credit_written_off(
        resolution.discrepancy,
        part.settlement,
        Money(part.amount_paise),
        Money(part.rounding_paise),
        day,
        sequence=resolution.sequence,
    )
