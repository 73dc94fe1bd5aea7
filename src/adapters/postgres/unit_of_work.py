"""One unit of work on PostgreSQL: reads as they come, then everything collected in one statement."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.postgres.audit.audit_log import PostgresAudit
from adapters.postgres.catalogue.discounts import PostgresDiscounts
from adapters.postgres.documents.document_files import PostgresFilingWrites
from adapters.postgres.documents.documents import PostgresDocuments
from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Write
from adapters.postgres.payments.checkout_facts import PostgresCheckoutFacts
from adapters.postgres.payments.enrolments import PostgresEnrolments
from adapters.postgres.payments.idempotency import PostgresIdempotency
from adapters.postgres.payments.payments import PostgresPayments
from adapters.postgres.queues.inbox import PostgresInboxClosings
from adapters.postgres.queues.order_polls import PostgresOrderPollWrites
from adapters.postgres.queues.outbox import PostgresOutboxWrites
from adapters.postgres.queues.refund_polls import PostgresRefundPollWrites
from adapters.postgres.staff.staff_register import PostgresStaff


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresWork:
    payments: PostgresPayments
    checkout_facts: PostgresCheckoutFacts
    enrolments: PostgresEnrolments
    discounts: PostgresDiscounts
    order_polls: PostgresOrderPollWrites
    idempotency: PostgresIdempotency
    inbox: PostgresInboxClosings
    outbox: PostgresOutboxWrites
    documents: PostgresDocuments
    filings: PostgresFilingWrites
    staff: PostgresStaff
    refund_polls: PostgresRefundPollWrites
    audit: PostgresAudit


@dataclass(frozen=True, slots=True)
class PostgresUnitOfWork:
    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWork]:
        writes: list[Write] = []
        async with self.database.borrow() as connection:
            yield work_on(connection, writes)
            await connection.apply(writes)


def work_on(connection: Connection, writes: list[Write]) -> PostgresWork:
    """Return a unit that reads from *connection* and collects in *writes*."""
    return PostgresWork(
        payments=PostgresPayments(connection, writes),
        checkout_facts=PostgresCheckoutFacts(connection),
        enrolments=PostgresEnrolments(connection, writes),
        discounts=PostgresDiscounts(writes),
        order_polls=PostgresOrderPollWrites(writes),
        idempotency=PostgresIdempotency(writes),
        inbox=PostgresInboxClosings(writes),
        outbox=PostgresOutboxWrites(writes),
        documents=PostgresDocuments(connection, writes),
        filings=PostgresFilingWrites(writes),
        staff=PostgresStaff(connection, writes),
        refund_polls=PostgresRefundPollWrites(writes),
        audit=PostgresAudit(writes),
    )
