"""The transactional outbox: one line per consequence, written with its cause, carried out afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.identifiers import PaymentId


class OutboxTask(StrEnum):
    """What is to be done; the payment tells for whom and with which figures."""

    TAX_DOCUMENT = "tax_document"
    """
    Money came for a course that was opened: it has to be invoiced. Written as the sale succeeds; the
    letter follows from the document, so that each is one per fact.
    """

    CREDIT_NOTE = "credit_note"
    """
    A refund reached the student (the line's subject is its id). Exactly one line is written for each
    that does, in the transaction that says so; note and letter follow from it.
    """

    FILE_DOCUMENTS = "file_documents"
    """
    Documents about the payment lack a file: each copy is rendered and put into the store. Written, or
    opened again, by whatever issues a document or declares one void; the letter of each document
    follows from its first filing.
    """

    REGENERATE_FILES = "mend_files"
    """A file of a document (the line's subject is its number) is lost or damaged."""

    PAYMENT_CONFIRMATION = "payment_confirmation"
    PAYMENT_FAILURE = "payment_failure"
    """
    The student tried to pay in vain. Told with a delay, and only if it is still the last word then.
    """

    REFUND_REQUESTED = "refund_requested"
    """The bank has taken on a refund (the line's subject is its id) and has not paid it yet."""

    REFUND_CONFIRMATION = "refund_confirmation"
    """A refund reached the student, and its credit note, if it gets one, is issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """
    One claimed line. Whoever holds the newest *generation* may close it; *attempts* counts this one.

    *subject* is what the errand is about: the payment's own id, the id of one of its refunds, or the
    number of one of its documents.
    """

    id: int
    task: OutboxTask
    payment: PaymentId
    subject: str
    attempts: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A line that was given up after *attempts* tries, at *since* (UTC) and for the reason *why*."""

    id: int
    task: OutboxTask
    payment: PaymentId
    subject: str
    attempts: int
    since: datetime
    why: str


class OutboxWrites(Protocol):
    """The unit of work's side."""

    def add(
        self,
        task: OutboxTask,
        payment: PaymentId,
        at: datetime,
        *,
        subject: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """
        Collect one line about *subject*, by default the payment itself, due at once or at *due_at*.

        A second line for the same errand, payment and subject is left out silently.
        """
        ...

    def again(
        self, task: OutboxTask, payment: PaymentId, at: datetime, *, subject: str | None = None
    ) -> None:
        """
        Collect one line as ``add`` does, or open the one there is: there is something to do again.

        A line that somebody holds is taken from them, since they may have looked too early. One that
        waits for its time already stays as it is.
        """
        ...

    def reopen(self, line: int, at: datetime) -> None:
        """
        Collect that a parked line is due again, with all its tries before it.

        The unit ends in ``ChangedMeanwhile`` when it is parked no more: no letter goes out twice.
        """
        ...

    def close(self, line: int, at: datetime, *, why: str) -> None:
        """Collect that a parked line is done with, for the reason *why*; ends like ``reopen``."""
        ...


class Outbox(Protocol):
    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OutboxEntry]:
        """Return lines that are due and not leased to anyone, oldest first, now leased to the caller."""
        ...

    async def done(self, line: OutboxEntry, at: datetime) -> None:
        """Close *line* for good, unless a newer holder has taken it."""
        ...

    async def later(self, line: OutboxEntry, *, due_at: datetime, why: str) -> None:
        """Put *line* back until *due_at*, unless a newer holder has taken it."""
        ...

    async def park(self, line: OutboxEntry, at: datetime, *, why: str) -> None:
        """Give *line* up for a person to look at, unless a newer holder has taken it."""
        ...

    async def parked(self, *, at_most: int) -> Sequence[DeadLetter]:
        """Return lines that were given up and that nobody has dealt with, oldest first."""
        ...

    async def parked_line(self, line: int) -> DeadLetter:
        """Return the line with that id, or raise ``NotFound`` when it is none that was given up."""
        ...
