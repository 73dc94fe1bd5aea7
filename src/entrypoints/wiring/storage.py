"""Where things are kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from dependency_injector import containers, providers
from redis.asyncio import Redis

from adapters.postgres.audit.archive_register import PostgresArchiveRegister
from adapters.postgres.audit.audit_reads import PostgresAuditReads
from adapters.postgres.audit.record_archive import PostgresRecordArchive
from adapters.postgres.audit.restored_months import PostgresRestoredMonths
from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.audit.sealed_spans import PostgresSealedSpans
from adapters.postgres.catalogue.catalogue import PostgresCatalogue
from adapters.postgres.documents.document_files import PostgresFiledDocuments
from adapters.postgres.documents.document_period import PostgresDocumentPeriods
from adapters.postgres.documents.documents import PostgresDocumentReads
from adapters.postgres.engine.database import Database, DatabaseSettings, Watch
from adapters.postgres.gateway_config.configuration_register import PostgresConfigurationReads
from adapters.postgres.invariants.invariants import PostgresInvariants
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
from adapters.redis.browser_sessions import RedisBrowserSessions
from entrypoints.settings.settings import Settings
from entrypoints.settings.values import DatabasePooler
from entrypoints.wiring.settlement_terms import agreement_of
from ports.sign_in.browser_sessions import BrowserSessions

REDIS_SECONDS_MAX: Final = 0.25
"""A cache that does not answer at once is of no use."""


def database_settings(settings: Settings, *, as_owner: bool = False) -> DatabaseSettings:
    """Return what the database adapter needs of *settings*: as who serves, or *as_owner* of the tables."""
    owners = settings.migration_database_url if as_owner else None
    return DatabaseSettings(
        url=owners or settings.database_url,
        pool_size=settings.database_pool_size,
        pool_timeout=timedelta(seconds=settings.database_pool_timeout_seconds),
        statement_timeout=timedelta(milliseconds=settings.statement_timeout_milliseconds),
        lock_timeout=timedelta(milliseconds=settings.lock_timeout_milliseconds),
        pooled_by_transaction=settings.database_pooler is DatabasePooler.TRANSACTION,
    )


def redis_client(settings: Settings) -> Redis | None:
    """Return a client of Redis that gives up quickly, None where there is no Redis; nothing is connected yet."""
    if settings.redis_url is None:
        return None
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=REDIS_SECONDS_MAX,
        socket_connect_timeout=REDIS_SECONDS_MAX,
    )


def browser_sessions(database: Database, redis: Redis | None) -> BrowserSessions:
    """Return the register of browser sessions, with a cache before it where there is a Redis."""
    kept = PostgresBrowserSessions(database)
    return kept if redis is None else RedisBrowserSessions(kept, redis)


def invariant_time_limit(settings: Settings) -> timedelta:
    """Return how long a full check of one invariant may take."""
    return timedelta(seconds=settings.invariant_timeout_seconds)


class Storage(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    watch: providers.Dependency[Watch] = providers.Dependency()
    audited: providers.Dependency[Callable[[str, str], None]] = providers.Dependency()

    database = providers.Singleton(
        Database.connect, providers.Callable(database_settings, settings), watch
    )
    unit_of_work = providers.Singleton(PostgresUnitOfWork, database, audited)
    document_periods = providers.Singleton(PostgresDocumentPeriods, database)
    inbox = providers.Singleton(PostgresInbox, database)
    outbox = providers.Singleton(PostgresOutbox, database)
    endpoints = providers.Singleton(PostgresEndpoints, database)
    deliveries = providers.Singleton(PostgresDeliveries, database)
    idempotency_records = providers.Singleton(PostgresIdempotencyRecords, database)
    proof_reads = providers.Singleton(PostgresProofReads, database)
    booked_payments = providers.Singleton(PostgresBookedPayments, database)
    differences = providers.Singleton(PostgresDifferences, database)
    enrolments = providers.Singleton(PostgresEnrolmentQueries, database)
    payment_queries = providers.Singleton(PostgresPaymentQueries, database)
    audit_reads = providers.Singleton(PostgresAuditReads, database)
    personal_records = providers.Singleton(PostgresPersonalRecords, database)
    sealed_log = providers.Singleton(PostgresSealedLog, database)
    sealed_spans = providers.Singleton(PostgresSealedSpans, database)
    archive_register = providers.Singleton(PostgresArchiveRegister, database)
    record_archive = providers.Singleton(PostgresRecordArchive, database)
    restored_months = providers.Singleton(PostgresRestoredMonths, database)
    payment_search = providers.Singleton(
        PostgresPaymentSearch, database, settings.provided.seller_gstin
    )
    order_polls = providers.Singleton(PostgresOrderPolls, database)
    catalogue = providers.Singleton(PostgresCatalogue, database)
    documents = providers.Singleton(PostgresDocumentReads, database, settings.provided.seller_gstin)
    filed_documents = providers.Singleton(PostgresFiledDocuments, database)
    refund_polls = providers.Singleton(PostgresRefundPolls, database)
    job_runs = providers.Singleton(PostgresJobRuns, database)
    refund_queries = providers.Singleton(PostgresRefundQueries, database)
    review_queries = providers.Singleton(PostgresReviewQueries, database)
    book_reads = providers.Singleton(PostgresBookReads, database)
    first_pass = providers.Singleton(PostgresFirstPass, database)
    discrepancies = providers.Singleton(PostgresDiscrepancyQueries, database)
    reconciliation_runs = providers.Singleton(PostgresRunRegister, database)
    run_exports = providers.Singleton(PostgresRunExports, database)
    settlement_credits = providers.Singleton(PostgresSettlementCredits, database)
    redis = providers.Singleton(redis_client, settings)
    browser_sessions = providers.Singleton(browser_sessions, database, redis)
    server_keys = providers.Singleton(PostgresServerKeys, database)
    invariants = providers.Singleton(
        PostgresInvariants,
        database,
        providers.Callable(invariant_time_limit, settings),
        providers.Callable(agreement_of, settings),
    )
    ledger = providers.Singleton(PostgresLedgerQueries, database)
    ledger_periods = providers.Singleton(PostgresLedgerPeriods, database)
    ledger_backfill = providers.Singleton(PostgresLedgerBackfill, database)
    payment_rollups = providers.Singleton(PostgresPaymentRollups, database)
    alerts = providers.Singleton(PostgresAlertReads, database)
    gateway_calls = providers.Singleton(PostgresGatewayCalls, database)
    raised_alerts = providers.Singleton(PostgresRaisedAlerts, database)
    system_health = providers.Singleton(PostgresSystemHealth, database)
    settlement_files = providers.Singleton(PostgresSettlementFiles, database)
    settlement_reads = providers.Singleton(PostgresSettlementReads, database)
    report_answers = providers.Singleton(PostgresReportAnswers, database)
    bank_statements = providers.Singleton(PostgresBankStatements, database)
    waiting_work = providers.Singleton(PostgresWaitingWork, database)
    staff = providers.Singleton(PostgresStaffReads, database)
    configurations = providers.Singleton(PostgresConfigurationReads, database)
    encrypted_secrets = providers.Singleton(PostgresEncryptedSecrets, database)
