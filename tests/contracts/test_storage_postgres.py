"""PostgreSQL keeps every storage contract, the same as memory does."""

import pytest

from adapters.postgres.database import Database
from contracts.document_files_contract import DocumentFilesContract
from contracts.document_period_contract import DocumentPeriodContract
from contracts.documents_contract import DocumentsContract
from contracts.inbox_contract import InboxContract
from contracts.outbox_contract import OutboxContract
from contracts.payments_contract import PaymentsContract, RetriesContract
from contracts.postgres_storage import PostgresStorage
from contracts.questions_contract import BankQuestionsContract
from contracts.reads_contract import (
    CatalogueContract,
    HistoryContract,
    JobRunsContract,
    StatusContract,
)
from contracts.refund_queries_contract import RefundQueriesContract
from contracts.refunds_contract import RefundsContract, RefundViewsContract, RefundWatchContract
from contracts.staff_contract import SealedSecretsContract, StaffContract
from contracts.unit_of_work_contract import (
    DiscountBookContract,
    EnrolmentsContract,
    IdempotencyContract,
    InitiationsContract,
    UnitOfWorkContract,
)


@pytest.fixture
def storage(emptied: Database) -> PostgresStorage:
    return PostgresStorage.on(emptied)


class TestRetries(RetriesContract):
    pass


class TestPayments(PaymentsContract):
    pass


class TestRefunds(RefundsContract):
    pass


class TestRefundViews(RefundViewsContract):
    pass


class TestRefundWatch(RefundWatchContract):
    pass


class TestUnitOfWork(UnitOfWorkContract):
    pass


class TestEnrolments(EnrolmentsContract):
    pass


class TestDiscountBook(DiscountBookContract):
    pass


class TestIdempotency(IdempotencyContract):
    pass


class TestInitiations(InitiationsContract):
    pass


class TestInbox(InboxContract):
    pass


class TestOutbox(OutboxContract):
    pass


class TestStatus(StatusContract):
    pass


class TestHistory(HistoryContract):
    pass


class TestBankQuestions(BankQuestionsContract):
    pass


class TestCatalogue(CatalogueContract):
    pass


class TestJobRuns(JobRunsContract):
    pass


class TestDocuments(DocumentsContract):
    pass


class TestDocumentFiles(DocumentFilesContract):
    pass


class TestStaff(StaffContract):
    pass


class TestSealedSecrets(SealedSecretsContract):
    pass


class TestRefundQueries(RefundQueriesContract):
    pass


class TestDocumentPeriod(DocumentPeriodContract):
    pass
