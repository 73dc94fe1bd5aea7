"""Post what a unit of work has decided: the journals and the reversals, in that same unit."""

from collections.abc import Sequence
from datetime import datetime

from domain.business_day import business_day_of
from domain.documents.tax_document import Particulars, RegisteredDocument
from domain.ledger.journal import Reversal
from domain.ledger.payment_postings import Postings, document_journal, document_key
from ports.unit_of_work import Work


def post(work: Work, postings: Postings, at: datetime) -> None:
    """Collect *postings* at the instant *at* (UTC)."""
    for journal in postings.journals:
        work.ledger.journals.post(journal, at)
    for reversal in postings.reversals:
        work.ledger.journals.reverse(reversal, at)


def post_document(
    work: Work, particulars: Particulars, before: Sequence[RegisteredDocument], at: datetime
) -> None:
    """Collect what the document posts that this unit issues; *before* are the payment's documents so far."""
    work.ledger.journals.post_document(document_journal(particulars, before), at)


def reverse_document(
    work: Work,
    cancelled: RegisteredDocument,
    about: Sequence[RegisteredDocument],
    at: datetime,
) -> None:
    """Collect the reversal of what a document posted that is *cancelled*; *about* are all of its payment."""
    place = [each.sha256 for each in about].index(cancelled.sha256)
    key = document_key(cancelled.document.particulars, about[:place])
    work.ledger.journals.reverse(Reversal(key, business_day_of(at)), at)
