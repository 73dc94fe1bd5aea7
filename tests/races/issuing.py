"""A process that issues invoices until it is done or killed: many at once, in an order of its own."""

import asyncio
import random
import sys
from typing import Final

from adapters.postgres.documents.document_files import PostgresFiledDocuments
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.documents.file_documents import FileDocuments
from application.documents.issue_invoice import IssueInvoice
from application.documents.render_file import RenderFile
from domain.business_day import business_day_of
from domain.identifiers import PaymentId
from domain.ledger.postings import post_capture
from domain.payments.payment import Payment
from domain.tax.indian_states import IndianState
from fakes.clock import NOON, StoppedClock
from fakes.documents.document_renderer import Typewriter
from fakes.documents.issued import POLICY, a_company
from fakes.file_store import Shelf
from fakes.samples import SELLER, payment_id
from ports.unit_of_work import Work

AT_ONCE: Final = 12
"""Issuers in one process, each on a connection of its own."""


def post_sale(work: Work, payment: Payment) -> None:
    """Collect what the charge of *payment*, which was sold, posts to the ledger."""
    journal = post_capture(payment.id, payment.captured, business_day_of(NOON), applied=True)
    assert journal is not None
    work.ledger.journals.post(journal, NOON)


def issuing_on(database: Database, of: IndianState = SELLER) -> IssueInvoice:
    """Return how a seller registered in that State issues."""
    return IssueInvoice(PostgresUnitOfWork(database), StoppedClock(), a_company(of), POLICY)


def filing_on(database: Database, shelf: Shelf) -> FileDocuments:
    make = RenderFile(Typewriter(), shelf, StoppedClock())
    return FileDocuments(PostgresUnitOfWork(database), PostgresFiledDocuments(database), make)


async def main(url: str, sold: int, seed: int) -> None:
    """Issue the invoices of payments 1 to *sold*, and say after each that one more is done."""
    database = Database.connect(DatabaseSettings(url=url, pool_size=AT_ONCE))
    issue, order = issuing_on(database), list(range(1, sold + 1))
    random.Random(seed).shuffle(order)  # noqa: S311  # an order, no secret

    async def work(mine: list[PaymentId]) -> None:
        for payment in mine:
            await issue(payment)
            sys.stdout.write("issued\n")
            sys.stdout.flush()

    payments = [payment_id(number) for number in order]
    await asyncio.gather(*(work(payments[start::AT_ONCE]) for start in range(AT_ONCE)))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
