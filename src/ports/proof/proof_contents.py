"""All that is known of one payment, as a proof pack holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.audit.record_line import RecordLine
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.resolution import DiscrepancyResolution
from ports.audit_log import AuditEntry
from ports.documents.document_files import DocumentOnFile
from ports.ledger.ledger_queries import PostedJournal
from ports.payments.payment_queries import PaymentView
from ports.proof.proof_reads import ReceivedWebhook, SentEmail, ToldDelivery
from ports.refunds.refund_queries import StaffPaymentView
from ports.settlements.settlement_reads import StoredLine


@dataclass(frozen=True, slots=True)
class DecidedDiscrepancy:
    """A discrepancy, and what people decided about it."""

    discrepancy: Discrepancy
    resolutions: Sequence[DiscrepancyResolution]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofContents:
    """
    What is known at *made_at* (UTC), each list the oldest first.

    *sealed* of the entries in *trail* are in the pack with their proof; the others are not sealed yet. *decisions* are
    what each version of the payment was decided on.
    """

    made_at: datetime
    payment: StaffPaymentView
    details: PaymentView
    trail: Sequence[AuditEntry]
    sealed: int
    decisions: Sequence[RecordLine]
    webhooks: Sequence[ReceivedWebhook]
    documents: Sequence[DocumentOnFile]
    journals: Sequence[PostedJournal]
    lines: Sequence[StoredLine]
    discrepancies: Sequence[DecidedDiscrepancy]
    emails: Sequence[SentEmail]
    deliveries: Sequence[ToldDelivery]


class ProofPage(Protocol):
    def explain(self, contents: ProofContents, files: Sequence[str]) -> bytes:
        """
        Return a page (HTML in UTF-8, no scripts) that explains the pack with *files* and shows what matters of it.

        The same contents make the same bytes. Nothing in it is loaded from elsewhere.
        """
        ...
