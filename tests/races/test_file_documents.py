"""Workers that file the same documents at once, and what is issued while one of them looks: each filed once."""

import asyncio
from dataclasses import replace
from typing import Final

import pytest

from adapters.postgres.documents.document_files import PostgresFiledDocuments
from adapters.postgres.engine.database import Database
from adapters.postgres.queues.outbox import PostgresOutbox
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.documents.file_documents import FileDocuments
from application.documents.issue_document import issue_document
from application.documents.render_file import RenderFile
from application.notifications.relay_outbox import LEASE
from domain.documents.invoicing import credit_for
from domain.documents.tax_document import RegisteredDocument
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment import Student
from fakes.clock import NOON, StoppedClock
from fakes.documents.document_renderer import Typewriter
from fakes.documents.issued import POLICY, a_company, paid_back, sold
from fakes.file_store import Shelf
from fakes.samples import payment_id
from ports.documents.document_renderer import Copy
from ports.notifications.outbox import OutboxEntry, OutboxTask
from races.issuing import filing_on, issuing_on, post_sale
from races.meeting import MeetingPlace, MeetingUnitOfWork

WORKERS: Final = 8
FILED: Final = """
SELECT d.number, count(f.copy), count(DISTINCT f.copy), max(f.ordinal)
FROM tax_document d LEFT JOIN document_file f USING (gstin, number)
GROUP BY d.number ORDER BY d.number
"""
EMAILS: Final = """
SELECT count(*) FROM outbox WHERE errand IN ('payment_confirmation', 'refund_confirmation')
"""
TRAIL: Final = "SELECT count(*) FROM audit_log WHERE action = 'document.filed'"


async def rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    async with database.borrow() as connection:
        return [tuple(row) for row in await connection.driver.fetch(sql)]


async def invoiced(database: Database, number: int = 1) -> PaymentId:
    student = Student(id=StudentId(f"s{number}"), name="Meera", email="meera@example.com")
    payment = replace(sold(number), student=student)
    async with PostgresUnitOfWork(database)() as work:
        work.payments.repository.add(payment)
        work.payments.enrolments.enrol(payment, NOON)
        post_sale(work, payment)
    await issuing_on(database)(payment.id)
    return payment.id


async def credited(database: Database, payment: PaymentId) -> None:
    async with PostgresUnitOfWork(database)() as work:
        invoice, *notes = await work.documents.register.of_payment(payment)
        said = credit_for(
            invoice.document,
            notes,
            paid_back("5900.00"),
            company=a_company(),
            policy=POLICY,
            at=NOON,
        )
        issue_document(work, said, [invoice, *notes], NOON, reference=None)
        work.notifications.outbox.requeue(OutboxTask.FILE_DOCUMENTS, payment, NOON)


async def held(database: Database) -> OutboxEntry:
    (line,) = await PostgresOutbox(database).claim(NOON, lease=LEASE, at_most=9)
    return line


async def test_a_crowd_files_once(crowded: Database) -> None:
    """
    All of them have rendered and kept both copies before the first writes down that it has.
    """
    payment, shelf, place = await invoiced(crowded), Shelf(), MeetingPlace(WORKERS)
    meeting = FileDocuments(
        MeetingUnitOfWork(crowded, place, only="document_file"),
        PostgresFiledDocuments(crowded),
        RenderFile(Typewriter(), shelf, StoppedClock()),
    )

    await asyncio.gather(*(meeting(payment) for _ in range(WORKERS)))

    assert place.met
    assert await rows(crowded, FILED) == [("INV/2627/0000001", 2, 2, 1)]
    assert await rows(crowded, EMAILS) == await rows(crowded, TRAIL) == [(1,)]
    assert len(shelf.files) == len(Copy)


class Slow(Typewriter):
    """Lets something happen while it types."""

    def __init__(self, database: Database, payment: PaymentId) -> None:
        super().__init__()
        self.database, self.payment, self.done = database, payment, False

    async def render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        if not self.done:
            self.done = True
            await credited(self.database, self.payment)
        return await Typewriter.render(self, registered, copy)


async def complete(database: Database, entry: OutboxEntry) -> None:
    async with PostgresUnitOfWork(database)() as work:
        work.notifications.outbox.complete(entry, NOON)


async def test_a_note_issued_while_the_invoice_is_filed_is_not_forgotten(
    crowded: Database,
) -> None:
    """
    The worker that holds the task began before the note was there: it loses the task.
    """
    payment, shelf = await invoiced(crowded), Shelf()
    entry = await held(crowded)
    early = FileDocuments(
        PostgresUnitOfWork(crowded),
        PostgresFiledDocuments(crowded),
        RenderFile(Slow(crowded, payment), shelf, StoppedClock()),
    )

    await early(payment)
    with pytest.raises(ChangedMeanwhile):
        await complete(crowded, entry)
    assert (await rows(crowded, FILED))[0] == ("CRN/2627/0000001", 0, 0, None)

    again = next(
        each
        for each in await PostgresOutbox(crowded).claim(NOON, lease=LEASE, at_most=9)
        if each.task is OutboxTask.FILE_DOCUMENTS
    )
    await filing_on(crowded, shelf)(again.payment)
    await complete(crowded, again)

    assert await rows(crowded, FILED) == [
        ("CRN/2627/0000001", 2, 2, 1),
        ("INV/2627/0000001", 2, 2, 1),
    ]
    assert await rows(crowded, EMAILS) == [(2,)]
    assert payment_id(1) == again.payment
