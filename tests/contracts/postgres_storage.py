"""The real store, as the storage contracts ask for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import asyncpg
from sqlalchemy import select

from adapters.postgres.audit.archive_register import PostgresArchiveRegister
from adapters.postgres.audit.audit_reads import PostgresAuditReads
from adapters.postgres.audit.record_archive import PostgresRecordArchive
from adapters.postgres.audit.restored_months import PostgresRestoredMonths
from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.audit.sealed_spans import PostgresSealedSpans
from adapters.postgres.audit.tables import audit_log
from adapters.postgres.catalogue.catalogue import PostgresCatalogue
from adapters.postgres.documents.document_files import PostgresFiledDocuments
from adapters.postgres.documents.document_period import PostgresDocumentPeriods
from adapters.postgres.documents.documents import PostgresDocumentReads
from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.gateway_config.configuration_register import PostgresConfigurationReads
from adapters.postgres.ledger.ledger_backfill import PostgresLedgerBackfill
from adapters.postgres.ledger.ledger_periods import PostgresLedgerPeriods
from adapters.postgres.ledger.ledger_queries import PostgresLedgerQueries
from adapters.postgres.monitoring.alert_register import PostgresAlertReads
from adapters.postgres.monitoring.gateway_calls import PostgresGatewayCalls
from adapters.postgres.monitoring.payment_rollups import PostgresPaymentRollups
from adapters.postgres.monitoring.raised_alerts import PostgresRaisedAlerts
from adapters.postgres.monitoring.system_health import PostgresSystemHealth
from adapters.postgres.payments.booked_payments import PostgresBookedPayments
from adapters.postgres.payments.difference_register import PostgresDifferences
from adapters.postgres.payments.enrolment_queries import PostgresEnrolmentQueries
from adapters.postgres.payments.idempotency import PostgresIdempotencyRecords
from adapters.postgres.payments.payment_queries import PostgresPaymentQueries
from adapters.postgres.payments.payment_search import PostgresPaymentSearch
from adapters.postgres.payments.review_queries import PostgresReviewQueries
from adapters.postgres.privacy.personal_records import PostgresPersonalRecords
from adapters.postgres.queues.inbox import PostgresInbox
from adapters.postgres.queues.job_runs import PostgresJobRuns
from adapters.postgres.queues.order_polls import PostgresOrderPolls
from adapters.postgres.queues.outbox import PostgresOutbox
from adapters.postgres.queues.proof_reads import PostgresProofReads
from adapters.postgres.queues.refund_polls import PostgresRefundPolls
from adapters.postgres.queues.webhook_deliveries import PostgresDeliveries
from adapters.postgres.reconciliation.book_reads import PostgresBookReads
from adapters.postgres.reconciliation.discrepancy_queries import PostgresDiscrepancyQueries
from adapters.postgres.reconciliation.first_pass import PostgresFirstPass
from adapters.postgres.reconciliation.run_export import PostgresRunExports
from adapters.postgres.reconciliation.run_register import PostgresRunRegister
from adapters.postgres.reconciliation.settlement_credits import PostgresSettlementCredits
from adapters.postgres.refunds.refund_queries import PostgresRefundQueries
from adapters.postgres.settlements.bank_statements import PostgresBankStatements
from adapters.postgres.settlements.report_answers import PostgresReportAnswers
from adapters.postgres.settlements.settlement_files import PostgresSettlementFiles
from adapters.postgres.settlements.settlement_reads import PostgresSettlementReads
from adapters.postgres.sign_in.browser_sessions import PostgresBrowserSessions
from adapters.postgres.sign_in.server_keys import PostgresServerKeys
from adapters.postgres.staff.encrypted_secrets import PostgresEncryptedSecrets
from adapters.postgres.staff.staff_register import PostgresStaffReads
from adapters.postgres.staff.waiting_work import PostgresWaitingWork
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.webhooks.platform_endpoints import PostgresEndpoints
from contracts.storage import AuditLine, Faults
from domain.tax.gstin import Gstin

AUDIT_LINES: Final = prepare(
    select(
        audit_log.c.action,
        audit_log.c.subject,
        audit_log.c.actor,
        audit_log.c.ip,
        audit_log.c.user_agent,
    ).order_by(audit_log.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresStorage:
    unit_of_work: PostgresUnitOfWork
    inbox: PostgresInbox
    outbox: PostgresOutbox
    queries: PostgresPaymentQueries
    order_polls: PostgresOrderPolls
    catalogue: PostgresCatalogue
    job_runs: PostgresJobRuns
    documents: PostgresDocumentReads
    filed: PostgresFiledDocuments
    refunds: PostgresRefundQueries
    reviews: PostgresReviewQueries
    search: PostgresPaymentSearch
    audit_reads: PostgresAuditReads
    sealed_log: PostgresSealedLog
    sealed_spans: PostgresSealedSpans
    archive_register: PostgresArchiveRegister
    record_archive: PostgresRecordArchive
    restored_months: PostgresRestoredMonths
    refund_polls: PostgresRefundPolls
    secrets: PostgresEncryptedSecrets
    waiting_work: PostgresWaitingWork
    staff: PostgresStaffReads
    configurations: PostgresConfigurationReads
    periods: PostgresDocumentPeriods
    browser_sessions: PostgresBrowserSessions
    server_keys: PostgresServerKeys
    enrolments: PostgresEnrolmentQueries
    books: PostgresBookReads
    first_pass: PostgresFirstPass
    discrepancies: PostgresDiscrepancyQueries
    runs: PostgresRunRegister
    run_exports: PostgresRunExports
    credits: PostgresSettlementCredits
    ledger: PostgresLedgerQueries
    ledger_periods: PostgresLedgerPeriods
    ledger_backfill: PostgresLedgerBackfill
    payment_rollups: PostgresPaymentRollups
    alerts: PostgresAlertReads
    gateway_calls: PostgresGatewayCalls
    raised_alerts: PostgresRaisedAlerts
    system_health: PostgresSystemHealth
    settlement_files: PostgresSettlementFiles
    settlement_reads: PostgresSettlementReads
    bank_statements: PostgresBankStatements
    report_answers: PostgresReportAnswers
    endpoints: PostgresEndpoints
    deliveries: PostgresDeliveries
    idempotency_records: PostgresIdempotencyRecords
    personal_records: PostgresPersonalRecords
    proof_reads: PostgresProofReads
    booked_payments: PostgresBookedPayments
    differences: PostgresDifferences
    database: Database
    fault: Faults = (asyncpg.PostgresError, ValueError)

    @classmethod
    def on(cls, database: Database) -> Self:
        return cls(
            unit_of_work=PostgresUnitOfWork(database),
            personal_records=PostgresPersonalRecords(database),
            inbox=PostgresInbox(database),
            outbox=PostgresOutbox(database),
            queries=PostgresPaymentQueries(database),
            order_polls=PostgresOrderPolls(database),
            catalogue=PostgresCatalogue(database),
            job_runs=PostgresJobRuns(database),
            configurations=PostgresConfigurationReads(database),
            periods=PostgresDocumentPeriods(database),
            documents=PostgresDocumentReads(database, Gstin("27AAECD1234F1Z3")),
            filed=PostgresFiledDocuments(database),
            refunds=PostgresRefundQueries(database),
            reviews=PostgresReviewQueries(database),
            audit_reads=PostgresAuditReads(database),
            sealed_log=PostgresSealedLog(database),
            sealed_spans=PostgresSealedSpans(database),
            archive_register=PostgresArchiveRegister(database),
            record_archive=PostgresRecordArchive(database),
            restored_months=PostgresRestoredMonths(database),
            search=PostgresPaymentSearch(database, Gstin("27AAECD1234F1Z3")),
            refund_polls=PostgresRefundPolls(database),
            secrets=PostgresEncryptedSecrets(database),
            waiting_work=PostgresWaitingWork(database),
            staff=PostgresStaffReads(database),
            browser_sessions=PostgresBrowserSessions(database),
            server_keys=PostgresServerKeys(database),
            enrolments=PostgresEnrolmentQueries(database),
            books=PostgresBookReads(database),
            first_pass=PostgresFirstPass(database),
            discrepancies=PostgresDiscrepancyQueries(database),
            runs=PostgresRunRegister(database),
            run_exports=PostgresRunExports(database),
            credits=PostgresSettlementCredits(database),
            ledger=PostgresLedgerQueries(database),
            ledger_periods=PostgresLedgerPeriods(database),
            ledger_backfill=PostgresLedgerBackfill(database),
            payment_rollups=PostgresPaymentRollups(database),
            alerts=PostgresAlertReads(database),
            gateway_calls=PostgresGatewayCalls(database),
            raised_alerts=PostgresRaisedAlerts(database),
            system_health=PostgresSystemHealth(database),
            settlement_files=PostgresSettlementFiles(database),
            settlement_reads=PostgresSettlementReads(database),
            bank_statements=PostgresBankStatements(database),
            report_answers=PostgresReportAnswers(database),
            endpoints=PostgresEndpoints(database),
            deliveries=PostgresDeliveries(database),
            idempotency_records=PostgresIdempotencyRecords(database),
            proof_reads=PostgresProofReads(database),
            booked_payments=PostgresBookedPayments(database),
            differences=PostgresDifferences(database),
            database=database,
        )

    async def audit_lines(self) -> list[AuditLine]:
        rows = await self.database.fetch(AUDIT_LINES)
        return [AuditLine(**row) for row in rows]

    async def expected_paise(self) -> int:
        async with self.database.borrow() as connection:
            return int(
                await connection.driver.fetchval("SELECT sum(amount_paise) FROM expectation")
            )

    async def unlist_steps(self) -> None:
        async with self.database.borrow() as connection:
            await connection.driver.execute(
                "DELETE FROM uncounted_step;"
                " INSERT INTO rollup_backfill (until, after) SELECT max(id), 0 FROM audit_log"
            )

    async def age_archive(self, by: timedelta) -> None:
        async with self.database.borrow() as connection, connection.transaction():
            for table in ("archived_month", "archived_records"):
                await connection.driver.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                await connection.driver.execute(
                    f"UPDATE {table} SET verified_at = verified_at - $1::interval,"  # noqa: S608 - ours
                    " ended_at = ended_at - $1::interval",
                    by,
                )
                await connection.driver.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    async def restored(self) -> Mapping[int, Mapping[str, object]]:
        async with self.database.borrow() as connection:
            rows = await connection.driver.fetch(
                "SELECT leaf_index, line::text AS line FROM restored_line"
            )
        return {row["leaf_index"]: json.loads(row["line"]) for row in rows}

    async def forget_expectations(self) -> None:
        async with self.database.borrow() as connection:
            await connection.driver.execute("DELETE FROM expectation")
