"""The journal of a resolution that comes into force; it is taken back by its mirror."""

from datetime import date

from domain.ledger.journal import Journal, JournalKind
from domain.ledger.settlement_postings import post_accepted, post_chargeback_lost, post_match
from domain.money import Money
from domain.reconciliation.resolution import DiscrepancyResolution


def resolution_journal(resolution: DiscrepancyResolution, day: date) -> Journal | None:
    """Return what *resolution* posts on *day*, None when it moves no money."""
    subject, payment = resolution.discrepancy, resolution.payment
    posted = Money(resolution.posted_paise)
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
