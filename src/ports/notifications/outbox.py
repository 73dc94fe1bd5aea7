"""The transactional outbox: one entry for each task, written in the transaction of its cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.identifiers import PaymentId
from ports.work_queue import ClaimedEntry, QueueWrites, WorkQueue


class OutboxTask(StrEnum):
    """What is to be done; the student and the figures are read from the payment."""

    TAX_DOCUMENT = "tax_document"
    """
    Money came for a course that was opened: it has to be invoiced. Written as the sale succeeds. The
    email follows from the document, so that each is one per fact.
    """

    CREDIT_NOTE = "credit_note"
    """
    A refund reached the student (the entry's subject is its id). Exactly one entry is written for each
    that does, in the transaction that says so. Credit note and email follow from it.
    """

    FILE_DOCUMENTS = "file_documents"
    """
    Documents about the payment lack a file: each copy is rendered and put into the store. Enqueued,
    again if need be, by whatever issues a document or declares one void. The email of each document
    follows from its first filing.
    """

    REGENERATE_FILES = "regenerate_files"
    """A file of a document (the entry's subject is its number) is lost or damaged."""

    PAYMENT_CONFIRMATION = "payment_confirmation"
    PAYMENT_FAILURE = "payment_failure"
    """The student could not pay. Told with a delay, and only if it is still the last news then."""

    REFUND_REQUESTED = "refund_requested"
    """The bank has taken on a refund (the entry's subject is its id) and has not paid it yet."""

    REFUND_CONFIRMATION = "refund_confirmation"
    """A refund reached the student, and its credit note, if it gets one, is issued."""

    RECONCILIATION_SUMMARY = "reconciliation_summary"
    """A reconciliation ended: finance is told. The run's id stands in place of a payment's, and is the subject."""

    ALERT_EMAIL = "alert_email"
    """
    An alert fired or is resolved: operators are told by email. The alert's id stands in place of a payment's; the
    subject names the change.
    """

    ALERT_WEBHOOK = "alert_webhook"
    """An alert fired or is resolved: the operators' endpoint is called. The entry is as that of the email."""

    RECONCILIATION_FAILURE = "reconciliation_failure"
    """A reconciliation has failed: operators are called. Its run stands in the entry as in that of a summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry(ClaimedEntry):
    """
    One claimed task. *subject* is what it is about: the payment's own id, the id of one of its
    refunds, or the number of one of its documents.

    *text_sha256* is of the email that was sent, as its holder says when the entry is completed.
    """

    id: int
    task: OutboxTask
    payment: PaymentId
    subject: str
    text_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An entry that was buried after *attempts* tries, at *since* (UTC) and for the reason *why*."""

    id: int
    task: OutboxTask
    payment: PaymentId
    subject: str
    attempts: int
    since: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterCursor:
    """The dead letter, buried at *since* (UTC), after which a page begins."""

    since: datetime
    id: int


class OutboxWrites(QueueWrites[OutboxEntry], Protocol):
    """A buried entry is a dead letter: a person requeues or cancels it."""

    def enqueue(
        self,
        task: OutboxTask,
        payment: PaymentId,
        at: datetime,
        *,
        subject: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """
        Collect one entry about *subject*, by default the payment itself, due at once or at *due_at*.

        A second entry for the same task, payment and subject is left out silently.
        """
        ...

    def requeue(
        self, task: OutboxTask, payment: PaymentId, at: datetime, *, subject: str | None = None
    ) -> None:
        """
        Collect one entry as ``enqueue`` does, or make the one there is due again: there is new work.

        Whoever holds that entry loses it, since they may have begun too early. One that waits for its
        time already stays as it is.
        """
        ...

    def requeue_dead_letter(self, letter: int, at: datetime) -> None:
        """
        Collect that the dead letter with that id is due again, with all its tries before it.

        The unit ends in ``ChangedMeanwhile`` when it is no dead letter any more, so that no email is
        sent twice.
        """
        ...

    def cancel(self, letter: int, at: datetime, *, why: str) -> None:
        """Collect that the dead letter is closed undone for the reason *why*; ends like ``requeue``."""
        ...


class Outbox(WorkQueue[OutboxEntry], Protocol):
    async def dead_letters(
        self,
        *,
        at_most: int,
        task: OutboxTask | None = None,
        payment: PaymentId | None = None,
        after: DeadLetterCursor | None = None,
    ) -> Sequence[DeadLetter]:
        """
        Return the dead letters that nobody has dealt with, oldest first, those after *after*.

        With *task* or *payment* only those of it.
        """
        ...

    async def dead_letter(self, letter: int) -> DeadLetter:
        """Return the dead letter with that id, or raise ``NotFound`` when there is none."""
        ...
