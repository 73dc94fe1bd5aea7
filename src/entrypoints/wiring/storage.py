"""Where things are kept."""

from datetime import timedelta

from dependency_injector import containers, providers

from adapters.postgres.bank_questions import PostgresBankQuestions
from adapters.postgres.catalogue import PostgresCatalogue
from adapters.postgres.database import Database, DatabaseSettings
from adapters.postgres.document_files import PostgresFiledDocuments
from adapters.postgres.document_period import PostgresDocumentPeriods
from adapters.postgres.documents import PostgresDocumentReads
from adapters.postgres.inbox import PostgresInbox
from adapters.postgres.invariants import PostgresInvariants
from adapters.postgres.job_runs import JobRuns
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.payment_queries import PostgresPaymentQueries
from adapters.postgres.refund_queries import PostgresRefundQueries
from adapters.postgres.refund_watch import PostgresRefundWatch
from adapters.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from entrypoints.wiring.settings import Settings


def database_settings(settings: Settings) -> DatabaseSettings:
    """Return what the database adapter needs of *settings*."""
    return DatabaseSettings(
        url=settings.database_url,
        pool_size=settings.database_pool_size,
        pool_timeout=timedelta(seconds=settings.database_pool_timeout_seconds),
        statement_timeout=timedelta(milliseconds=settings.statement_timeout_milliseconds),
        lock_timeout=timedelta(milliseconds=settings.lock_timeout_milliseconds),
    )


class Storage(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)

    database = providers.Singleton(
        Database.connect, providers.Callable(database_settings, settings)
    )
    unit_of_work = providers.Singleton(PostgresUnitOfWork, database)
    document_periods = providers.Singleton(PostgresDocumentPeriods, database)
    inbox = providers.Singleton(PostgresInbox, database)
    outbox = providers.Singleton(PostgresOutbox, database)
    payment_queries = providers.Singleton(PostgresPaymentQueries, database)
    bank_questions = providers.Singleton(PostgresBankQuestions, database)
    catalogue = providers.Singleton(PostgresCatalogue, database)
    documents = providers.Singleton(PostgresDocumentReads, database, settings.provided.seller_gstin)
    filed_documents = providers.Singleton(PostgresFiledDocuments, database)
    refund_watch = providers.Singleton(PostgresRefundWatch, database)
    job_runs = providers.Singleton(JobRuns, database)
    refund_queries = providers.Singleton(PostgresRefundQueries, database)
    invariants = providers.Singleton(PostgresInvariants, database)
    sealed_secrets = providers.Singleton(PostgresSealedSecrets, database)
