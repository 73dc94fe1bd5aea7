"""Issuing what the law asks for: an invoice once money came, a note once it went back, each exactly once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.retry_on_conflict import retry_on_conflict
from domain.documents.credit_note_split import CreditImpossible
from domain.documents.invoicing import DocumentPolicy, PaidBack, credit_for, invoice_for
from domain.documents.tax_document import Company, Particulars, RefundReference, RegisteredDocument
from domain.identifiers import PaymentId, RefundId
from domain.payments.refund import Refund
from ports.audit_log import AuditEntry, Origin, Source
from ports.clock import Clock
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork, Work

log = logging.getLogger(__name__)

BY_WORKER: Final = Origin(actor="system", source=Source.DOCUMENT)


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    unit_of_work: UnitOfWork
    clock: Clock
    company: Company
    policy: DocumentPolicy

    async def __call__(self, payment: PaymentId) -> None:
        """
        Issue the invoice, or bill of supply, for what *payment* bought, unless that was done.

        That it has to be filed is written down with it, and its letter once it is. Money that opened
        no course, since the student had it already, supplied nothing and gets no document (reference
        2.1): it goes back.
        """
        await retry_on_conflict(lambda: self._unit(payment))

    async def _unit(self, payment: PaymentId) -> None:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            if standing_invoice(await work.documents.register.of_payment(payment)) is not None:
                return
            if not await work.payments.enrolments.opened_by(payment):
                return
            bought = await work.payments.repository.get(payment)
            issue(work, invoice_for(bought, self.company, self.policy, at), at)
            work.notifications.outbox.again(OutboxTask.FILE_DOCUMENTS, payment, at)


@dataclass(frozen=True, slots=True)
class IssueCreditNote:
    unit_of_work: UnitOfWork
    clock: Clock
    company: Company
    policy: DocumentPolicy
    issue_invoice: IssueInvoice

    async def __call__(self, payment: PaymentId, refund: RefundId) -> None:
        """
        Issue the note for a refund that reached the student, unless that was done.

        That it has to be filed is written down with it, and the student's letter once it is. Where
        nothing was invoiced there is a letter alone. So there is for a refund that no note can be
        written for: then ``CreditImpossible`` is raised, for a person to look at.
        """
        # A note refers to its invoice, and both lines may be due at once.
        await self.issue_invoice(payment)
        impossible = await retry_on_conflict(lambda: self._unit(payment, refund))
        if impossible is not None:
            raise impossible

    async def _unit(self, payment: PaymentId, refund: RefundId) -> CreditImpossible | None:
        at, impossible = self.clock.now(), None
        async with self.unit_of_work() as work:
            documents = await work.documents.register.of_payment(payment)
            if any(_stands_for(each, refund) for each in documents):
                return None
            given_back = (await work.payments.repository.get(payment)).refunds.get(refund)
            note = None
            try:
                note = self._note(documents, given_back, at)
            except CreditImpossible as refusal:
                impossible = refusal
            if note is None:
                work.notifications.outbox.add(
                    OutboxTask.REFUND_CONFIRMATION, payment, at, subject=refund
                )
            else:
                issue(work, note, at)
                work.notifications.outbox.again(OutboxTask.FILE_DOCUMENTS, payment, at)
        return impossible

    def _note(
        self, documents: Sequence[RegisteredDocument], refund: Refund, at: datetime
    ) -> Particulars | None:
        invoice = standing_invoice(documents)
        if invoice is None:
            return None
        return credit_for(
            invoice.document,
            [each for each in documents if _is_against(each, invoice)],
            PaidBack(
                reference=RefundReference(
                    refund=refund.id, arn=refund.arn, refunded_at=refund.closed_at or at
                ),
                amount=refund.amount,
            ),
            company=self.company,
            policy=self.policy,
            at=at,
        )


def standing_invoice(documents: Sequence[RegisteredDocument]) -> RegisteredDocument | None:
    """Return the invoice or bill among *documents* that is not void, None when there is none."""
    return next(
        (each for each in documents if not each.document.kind.credits and not each.cancelled), None
    )


def issue(work: Work, said: Particulars, at: datetime) -> None:
    """Collect the document and its line in the trail; its number is given as it is written."""
    work.documents.register.issue(said)
    facts = {
        "kind": said.kind,
        "date": said.date.isoformat(),
        "total": said.heads.total.plain(),
        "refund": said.original.refund.refund if said.original else "",
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=BY_WORKER,
            action="document.issued",
            subject=said.payment.order,
            facts={name: str(fact) for name, fact in facts.items() if fact},
        )
    )


def _stands_for(registered: RegisteredDocument, refund: RefundId) -> bool:
    original = registered.document.particulars.original
    return original is not None and original.refund.refund == refund and not registered.cancelled


def _is_against(registered: RegisteredDocument, invoice: RegisteredDocument) -> bool:
    original = registered.document.particulars.original
    return original is not None and original.number == invoice.document.number
