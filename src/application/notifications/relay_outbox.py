"""Carrying out outbox tasks: a document, its files, an email; each is retried until it is done or dead."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, assert_never

from application.documents.attach_document import AttachDocument, DocumentAttachment
from application.documents.file_documents import FileDocuments
from application.documents.issue_credit_note import IssueCreditNote
from application.documents.issue_invoice import IssueInvoice
from application.documents.regenerate_file import RegenerateFile
from application.drain_queue import Drain
from application.notifications.alert_failed_run import AlertFailedRun
from application.notifications.summarise_run import SummariseRun
from application.notifications.tell_alert import TellAlert
from application.order_status.failure_email import failure_email_of
from domain.documents.credit_note_split import CreditImpossible
from domain.documents.tax_document import TaxDocument
from domain.identifiers import RefundId
from domain.monitoring.alert_case import AlertId
from domain.payments.payment import Payment
from domain.reconciliation.run import RunId
from ports.clock import Clock
from ports.documents.document_files import DocumentNotReady
from ports.file_store import FilesUnavailable
from ports.notifications.email_sender import Email, EmailDelayed, EmailRefused, EmailSender
from ports.notifications.email_texts import EmailTexts
from ports.notifications.outbox import Outbox, OutboxEntry, OutboxTask
from ports.notifications.webhook_sender import WebhookDelayed, WebhookRefused
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

BATCH_MAX: Final = 16
LEASE: Final = timedelta(minutes=2)
DELAYS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 2 * 60, 10 * 60, 30 * 60, 60 * 60)
)
TRIES_MAX: Final = 72
"""With the last delay of an hour this is about three days, for example of a mail server that is away."""


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
    summarise: SummariseRun
    alert_failed_run: AlertFailedRun
    tell_alert: TellAlert
    finance: str | None
    """Where reconciliation summaries go; None: nowhere."""

    async def __call__(self) -> int:
        """Carry out one batch of due tasks concurrently, and return how many there were."""
        drain = Drain(
            queue=self.outbox,
            name="outbox",
            work_off=self._work_off,
            put_back=self._put_back,
            about=lambda entry: {"entry": entry.id, "payment": entry.payment},
        )
        return await drain(self.clock.now(), lease=LEASE, at_most=BATCH_MAX)

    async def _work_off(self, entry: OutboxEntry) -> None:
        try:
            sent = await self._run(entry)
        except (EmailDelayed, WebhookDelayed, FilesUnavailable, DocumentNotReady) as delay:
            await self._put_back(entry, str(delay))
        except EmailRefused as refusal:
            log.exception("email.refused", extra={"payment": entry.payment})
            await self._bury(entry, str(refusal))
        except WebhookRefused as refusal:
            log.exception("webhook.refused", extra={"entry": entry.id})
            await self._bury(entry, str(refusal))
        except CreditImpossible as refusal:
            log.exception("credit_note.impossible", extra={"payment": entry.payment})
            await self._bury(entry, str(refusal))
        else:
            async with self.unit_of_work() as work:
                done = replace(entry, text_sha256=sent.text_sha256) if sent else entry
                work.notifications.outbox.complete(done, self.clock.now())

    async def _run(self, entry: OutboxEntry) -> Email | None:
        """Do what *entry* asks for, and return the email about its payment that was sent, None for none."""
        match entry.task:
            case OutboxTask.TAX_DOCUMENT:
                await self.issue_invoice(entry.payment)
            case OutboxTask.CREDIT_NOTE:
                await self.issue_credit_note(entry.payment, RefundId(entry.subject))
            case OutboxTask.FILE_DOCUMENTS:
                await self.file_documents(entry.payment)
            case OutboxTask.REGENERATE_FILES:
                await self.regenerate_file(entry.payment, entry.subject)
            case OutboxTask.PAYMENT_CONFIRMATION:
                return await self._confirm_payment(entry)
            case OutboxTask.PAYMENT_FAILURE:
                return await self._tell_failure(entry)
            case OutboxTask.REFUND_REQUESTED:
                payment = await self._payment(entry)
                refund = payment.refunds.get(RefundId(entry.subject))
                return await self._sent(self.texts.refund_requested(payment, refund))
            case OutboxTask.REFUND_CONFIRMATION:
                return await self._confirm_refund(entry)
            case (
                OutboxTask.RECONCILIATION_SUMMARY
                | OutboxTask.RECONCILIATION_FAILURE
                | OutboxTask.ALERT_EMAIL
                | OutboxTask.ALERT_WEBHOOK
            ):
                await self._tell_staff(entry)
            case _:
                assert_never(entry.task)
        return None

    async def _sent(self, email: Email) -> Email:
        await self.sender.send(email)
        return email

    async def _confirm_payment(self, entry: OutboxEntry) -> Email:
        payment = await self._payment(entry)
        attached = await self.attach.invoice(entry.payment)
        email = self.texts.payment_confirmation(payment, _document(attached))
        return await self._sent(_with(email, attached))

    async def _confirm_refund(self, entry: OutboxEntry) -> Email:
        payment = await self._payment(entry)
        refund = payment.refunds.get(RefundId(entry.subject))
        attached = await self.attach.note(entry.payment, refund.id)
        email = self.texts.refund_confirmation(payment, refund, _document(attached))
        return await self._sent(_with(email, attached))

    async def _tell_failure(self, entry: OutboxEntry) -> Email | None:
        async with self.unit_of_work() as work:
            told = await failure_email_of(work, entry.payment, self.clock.now())
        if told is None:
            log.info("failure_email.outdated", extra={"payment": entry.payment})
            return None
        return await self._sent(self.texts.payment_failure(told.payment, told.retry_until))

    async def _tell_staff(self, entry: OutboxEntry) -> None:
        if entry.task is OutboxTask.ALERT_EMAIL:
            await self.tell_alert(AlertId(entry.payment), entry.subject)
            return
        if entry.task is OutboxTask.ALERT_WEBHOOK:
            await self.tell_alert.by_webhook(AlertId(entry.payment), entry.subject)
            return
        run = RunId(entry.subject)
        if entry.task is OutboxTask.RECONCILIATION_FAILURE:
            await self.alert_failed_run(run)
            return
        figures = await self.summarise(run) if self.finance else None
        if self.finance and figures is not None:
            await self.sender.send(self.texts.reconciliation_summary(figures, self.finance))

    async def _payment(self, entry: OutboxEntry) -> Payment:
        async with self.unit_of_work() as work:
            return await work.payments.repository.get(entry.payment)

    async def _put_back(self, entry: OutboxEntry, why: str) -> None:
        if entry.attempts >= TRIES_MAX:
            log.error("outbox.entry_dead", extra={"payment": entry.payment})
            await self._bury(entry, why)
            return
        delay = DELAYS[min(entry.attempts, len(DELAYS)) - 1]
        async with self.unit_of_work() as work:
            outbox = work.notifications.outbox
            outbox.reschedule(entry, due_at=self.clock.now() + delay, why=why)

    async def _bury(self, entry: OutboxEntry, why: str) -> None:
        async with self.unit_of_work() as work:
            work.notifications.outbox.bury(entry, self.clock.now(), why=why)


def _document(attached: DocumentAttachment | None) -> TaxDocument | None:
    return None if attached is None else attached.document


def _with(email: Email, attached: DocumentAttachment | None) -> Email:
    return email if attached is None else replace(email, attachments=(attached.attachment,))
