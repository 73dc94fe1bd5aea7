"""Carrying out what a payment led to: a document, its file, a letter, each once per fact, later rather than never."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, assert_never

from application.documents.attach_document import AttachDocument, DocumentAttachment
from application.documents.file_documents import FileDocuments
from application.documents.issue_credit_note import IssueCreditNote
from application.documents.issue_invoice import IssueInvoice
from application.documents.regenerate_file import RegenerateFile
from application.order_status.failure_email import failure_email_of
from application.run_concurrently import run_concurrently
from domain.documents.credit_note_split import CreditImpossible
from domain.documents.tax_document import TaxDocument
from domain.identifiers import RefundId
from domain.payments.payment import Payment
from ports.clock import Clock
from ports.documents.document_files import DocumentNotReady
from ports.file_store import FilesUnavailable
from ports.notifications.email_sender import Email, EmailDelayed, EmailRefused, EmailSender
from ports.notifications.email_texts import EmailTexts
from ports.notifications.outbox import Outbox, OutboxEntry, OutboxTask
from ports.unit_of_work import StorageUnavailable, UnitOfWork

log = logging.getLogger(__name__)

BATCH_MAX: Final = 16
LEASE: Final = timedelta(minutes=2)
DELAYS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 2 * 60, 10 * 60, 30 * 60, 60 * 60)
)
TRIES_MAX: Final = 72
"""With the last delay of an hour: about three days of a mail server that is away."""


@dataclass(frozen=True, slots=True)
class RelayOutbox:
    outbox: Outbox
    unit_of_work: UnitOfWork
    texts: EmailTexts
    sender: EmailSender
    clock: Clock
    issue_invoice: IssueInvoice
    issue_credit_note: IssueCreditNote
    file_documents: FileDocuments
    regenerate_file: RegenerateFile
    attach: AttachDocument

    async def __call__(self) -> int:
        """Carry out one batch of due lines, side by side, and return how many there were."""
        lines = await self.outbox.claim(self.clock.now(), lease=LEASE, at_most=BATCH_MAX)
        await run_concurrently(self._run_task(line) for line in lines)
        return len(lines)

    async def _run_task(self, line: OutboxEntry) -> None:
        try:
            await self._run(line)
        except (EmailDelayed, FilesUnavailable, DocumentNotReady) as delay:
            await self._put_back(line, why=str(delay))
        except EmailRefused as refusal:
            log.exception("email.refused", extra={"payment": line.payment})
            await self.outbox.park(line, self.clock.now(), why=str(refusal))
        except CreditImpossible as refusal:
            log.exception("credit_note.impossible", extra={"payment": line.payment})
            await self.outbox.park(line, self.clock.now(), why=str(refusal))
        except StorageUnavailable:
            raise
        except Exception as error:
            # Whatever is wrong with this one, it must not stand in the way of the others.
            log.exception("outbox.entry_failed", extra={"payment": line.payment})
            await self._put_back(line, why=type(error).__name__)
        else:
            await self.outbox.done(line, self.clock.now())

    async def _run(self, line: OutboxEntry) -> None:
        match line.task:
            case OutboxTask.TAX_DOCUMENT:
                await self.issue_invoice(line.payment)
            case OutboxTask.CREDIT_NOTE:
                await self.issue_credit_note(line.payment, RefundId(line.subject))
            case OutboxTask.FILE_DOCUMENTS:
                await self.file_documents(line.payment)
            case OutboxTask.REGENERATE_FILES:
                await self.regenerate_file(line.payment, line.subject)
            case OutboxTask.PAYMENT_CONFIRMATION:
                await self._confirm_payment(line)
            case OutboxTask.PAYMENT_FAILURE:
                await self._tell_failure(line)
            case OutboxTask.REFUND_REQUESTED:
                payment = await self._payment(line)
                refund = payment.refunds.get(RefundId(line.subject))
                await self.sender.send(self.texts.refund_requested(payment, refund))
            case OutboxTask.REFUND_CONFIRMATION:
                await self._confirm_refund(line)
            case _:
                assert_never(line.task)

    async def _confirm_payment(self, line: OutboxEntry) -> None:
        payment = await self._payment(line)
        attached = await self.attach.invoice(line.payment)
        letter = self.texts.payment_confirmation(payment, _document(attached))
        await self.sender.send(_with(letter, attached))

    async def _confirm_refund(self, line: OutboxEntry) -> None:
        payment = await self._payment(line)
        refund = payment.refunds.get(RefundId(line.subject))
        attached = await self.attach.note(line.payment, refund.id)
        letter = self.texts.refund_confirmation(payment, refund, _document(attached))
        await self.sender.send(_with(letter, attached))

    async def _tell_failure(self, line: OutboxEntry) -> None:
        async with self.unit_of_work() as work:
            told = await failure_email_of(work, line.payment, self.clock.now())
        if told is None:
            log.info("failure_email.outdated", extra={"payment": line.payment})
            return
        await self.sender.send(self.texts.payment_failure(told.payment, told.retry_until))

    async def _payment(self, line: OutboxEntry) -> Payment:
        async with self.unit_of_work() as work:
            return await work.payments.repository.get(line.payment)

    async def _put_back(self, line: OutboxEntry, *, why: str) -> None:
        if line.attempts >= TRIES_MAX:
            log.error("outbox.entry_dead", extra={"payment": line.payment})
            await self.outbox.park(line, self.clock.now(), why=why)
            return
        delay = DELAYS[min(line.attempts, len(DELAYS)) - 1]
        await self.outbox.later(line, due_at=self.clock.now() + delay, why=why)


def _document(attached: DocumentAttachment | None) -> TaxDocument | None:
    return None if attached is None else attached.document


def _with(letter: Email, attached: DocumentAttachment | None) -> Email:
    return letter if attached is None else replace(letter, attachments=(attached.attachment,))
