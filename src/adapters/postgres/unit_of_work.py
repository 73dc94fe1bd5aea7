"""The unit of work on PostgreSQL: reads run at once, all collected writes in one statement at its end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property

from adapters.postgres.audit.audit_log import ADD, PostgresAudit
from adapters.postgres.catalogue.discounts import PostgresDiscounts
from adapters.postgres.documents.document_files import PostgresFilingWrites
from adapters.postgres.documents.documents import PostgresDocuments
from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Write
from adapters.postgres.gateway_config.configuration_register import PostgresConfigurations
from adapters.postgres.ledger.journal_writes import PostgresJournalWrites
from adapters.postgres.monitoring.alert_register import PostgresAlertWrites
from adapters.postgres.payments.checkout_facts import PostgresCheckoutFacts
from adapters.postgres.payments.enrolments import PostgresEnrolments
from adapters.postgres.payments.idempotency import PostgresIdempotency
from adapters.postgres.payments.payments import PostgresPayments
from adapters.postgres.queues.inbox import PostgresInboxWrites
from adapters.postgres.queues.job_runs import PostgresJobWrites
from adapters.postgres.queues.order_polls import PostgresOrderPollWrites
from adapters.postgres.queues.outbox import PostgresOutboxWrites
from adapters.postgres.queues.refund_polls import PostgresRefundPollWrites
from adapters.postgres.queues.webhook_deliveries import PostgresDeliveryWrites
from adapters.postgres.reconciliation.discrepancy_register import PostgresDiscrepancies
from adapters.postgres.reconciliation.expectation_register import PostgresExpectations
from adapters.postgres.reconciliation.resolution_register import PostgresResolutions
from adapters.postgres.reconciliation.run_register import PostgresRunWrites
from adapters.postgres.reconciliation.settlement_credits import PostgresSettlementCreditWrites
from adapters.postgres.settlements.settlement_writes import (
    PostgresBankEntryWrites,
    PostgresSettlementWrites,
)
from adapters.postgres.sign_in.server_keys import PostgresServerKeyWrites
from adapters.postgres.staff.staff_register import PostgresStaff
from adapters.postgres.webhooks.platform_endpoints import PostgresEndpointWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresCatalogueWork:
    discounts: PostgresDiscounts


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresPaymentsWork:
    repository: PostgresPayments
    checkout_facts: PostgresCheckoutFacts
    enrolments: PostgresEnrolments
    polls: PostgresOrderPollWrites
    inbox: PostgresInboxWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresRefundsWork:
    polls: PostgresRefundPollWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresDocumentsWork:
    register: PostgresDocuments
    filings: PostgresFilingWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresLedgerWork:
    journals: PostgresJournalWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresReconciliationWork:
    discrepancies: PostgresDiscrepancies
    expectations: PostgresExpectations
    credits: PostgresSettlementCreditWrites
    runs: PostgresRunWrites
    resolutions: PostgresResolutions


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresSettlementsWork:
    reports: PostgresSettlementWrites
    bank_entries: PostgresBankEntryWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresMonitoringWork:
    alerts: PostgresAlertWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresNotificationsWork:
    outbox: PostgresOutboxWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresSignInWork:
    server_keys: PostgresServerKeyWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresStaffWork:
    register: PostgresStaff


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresGatewayConfigWork:
    versions: PostgresConfigurations


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresJobsWork:
    runs: PostgresJobWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresWebhooksWork:
    endpoints: PostgresEndpointWrites
    deliveries: PostgresDeliveryWrites


@dataclass(frozen=True, kw_only=True)
class PostgresWork:
    """
    A unit that reads from *connection* and collects its writes in *writes*.

    Each group is made when it is first asked for: few units need more than three of them.
    """

    connection: Connection
    writes: list[Write]

    @cached_property
    def catalogue(self) -> PostgresCatalogueWork:
        return PostgresCatalogueWork(discounts=PostgresDiscounts(self.writes))

    @cached_property
    def payments(self) -> PostgresPaymentsWork:
        return PostgresPaymentsWork(
            repository=PostgresPayments(self.connection, self.writes),
            checkout_facts=PostgresCheckoutFacts(self.connection),
            enrolments=PostgresEnrolments(self.connection, self.writes),
            polls=PostgresOrderPollWrites(self.writes),
            inbox=PostgresInboxWrites(self.writes),
        )

    @cached_property
    def refunds(self) -> PostgresRefundsWork:
        return PostgresRefundsWork(polls=PostgresRefundPollWrites(self.writes))

    @cached_property
    def documents(self) -> PostgresDocumentsWork:
        return PostgresDocumentsWork(
            register=PostgresDocuments(self.connection, self.writes),
            filings=PostgresFilingWrites(self.writes),
        )

    @cached_property
    def ledger(self) -> PostgresLedgerWork:
        return PostgresLedgerWork(journals=PostgresJournalWrites(self.writes))

    @cached_property
    def reconciliation(self) -> PostgresReconciliationWork:
        return PostgresReconciliationWork(
            discrepancies=PostgresDiscrepancies(self.connection, self.writes),
            expectations=PostgresExpectations(self.connection, self.writes),
            credits=PostgresSettlementCreditWrites(self.writes),
            runs=PostgresRunWrites(self.writes),
            resolutions=PostgresResolutions(self.connection, self.writes),
        )

    @cached_property
    def settlements(self) -> PostgresSettlementsWork:
        return PostgresSettlementsWork(
            reports=PostgresSettlementWrites(self.writes),
            bank_entries=PostgresBankEntryWrites(self.writes),
        )

    @cached_property
    def monitoring(self) -> PostgresMonitoringWork:
        return PostgresMonitoringWork(alerts=PostgresAlertWrites(self.writes))

    @cached_property
    def notifications(self) -> PostgresNotificationsWork:
        return PostgresNotificationsWork(outbox=PostgresOutboxWrites(self.writes))

    @cached_property
    def sign_in(self) -> PostgresSignInWork:
        return PostgresSignInWork(server_keys=PostgresServerKeyWrites(self.writes))

    @cached_property
    def staff(self) -> PostgresStaffWork:
        return PostgresStaffWork(register=PostgresStaff(self.connection, self.writes))

    @cached_property
    def gateway_config(self) -> PostgresGatewayConfigWork:
        return PostgresGatewayConfigWork(
            versions=PostgresConfigurations(self.connection, self.writes)
        )

    @cached_property
    def jobs(self) -> PostgresJobsWork:
        return PostgresJobsWork(runs=PostgresJobWrites(self.writes))

    @cached_property
    def webhooks(self) -> PostgresWebhooksWork:
        return PostgresWebhooksWork(
            endpoints=PostgresEndpointWrites(self.writes),
            deliveries=PostgresDeliveryWrites(self.writes),
        )

    @cached_property
    def idempotency(self) -> PostgresIdempotency:
        return PostgresIdempotency(self.writes)

    @cached_property
    def audit(self) -> PostgresAudit:
        return PostgresAudit(self.writes)


def untold(action: str, facts: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class PostgresUnitOfWork:
    """*audited* is told the action and the facts, as JSON, of each entry of the audit log that was committed."""

    database: Database
    audited: Callable[[str, str], None] = field(default=untold)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWork]:
        writes: list[Write] = []
        async with self.database.borrow() as connection:
            yield work_on(connection, writes)
            await connection.apply(writes)
        for each in writes:
            if each.statement is ADD:
                self.audited(str(each.values["action"]), str(each.values["facts"]))


def work_on(connection: Connection, writes: list[Write]) -> PostgresWork:
    """Return a unit that reads from *connection* and collects its writes in *writes*."""
    return PostgresWork(connection=connection, writes=writes)
