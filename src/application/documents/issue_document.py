"""What issuing an invoice and issuing a credit note share: the entry in the register and its audit line."""

from collections.abc import Sequence
from datetime import datetime

from application.documents.audit_document import audit_document
from application.ledger.post_journals import post_document
from domain.documents.tax_document import Particulars, RegisteredDocument
from domain.webhooks.payment_events import document_event
from ports.unit_of_work import Work


def issue_document(
    work: Work,
    particulars: Particulars,
    before: Sequence[RegisteredDocument],
    at: datetime,
    *,
    reference: str | None,
) -> None:
    """
    Collect the document, its posting, its audit line and what the platform is told.

    It gets its number when the unit is written. *before* are all documents of its payment so far, in the
    order of issue; *reference* is what the platform called the purchase.
    """
    work.documents.register.issue(particulars)
    post_document(work, particulars, before, at)
    refund = particulars.original.refund.refund if particulars.original else ""
    facts = {
        "kind": particulars.kind,
        "date": particulars.date.isoformat(),
        "total": particulars.heads.total.plain(),
        "refund": refund,
    }
    named = {name: str(fact) for name, fact in facts.items() if fact}
    audit_document(work, particulars, "document.issued", named, at)
    event = document_event(particulars, len(before) + 1, at, reference=reference)
    work.webhooks.deliveries.enqueue_document(event, at)


def standing_invoice(documents: Sequence[RegisteredDocument]) -> RegisteredDocument | None:
    """Return the invoice or bill of supply among *documents* that is not cancelled, None when there is none."""
    return next(
        (each for each in documents if not each.document.kind.credits and not each.cancelled), None
    )
