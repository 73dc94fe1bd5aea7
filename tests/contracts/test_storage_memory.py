"""The store in memory keeps every storage contract, so that use cases may be proven on it."""

import pytest

from contracts.audit.archive_contract import ArchiveContract
from contracts.audit.record_archive_contract import RecordArchiveContract
from contracts.audit.sealed_log_contract import SealedLogContract
from contracts.audit_reads_contract import AuditReadsContract
from contracts.catalogue.discount_book_contract import DiscountBookContract
from contracts.documents.document_files_contract import DocumentFilesContract
from contracts.documents.documents_contract import DocumentsContract
from contracts.gateway_config.configuration_register_contract import ConfigurationRegisterContract
from contracts.gst_returns.document_period_contract import DocumentPeriodContract
from contracts.idempotency_contract import IdempotencyContract
from contracts.jobs.job_runs_contract import JobRunsContract
from contracts.ledger.ledger_contract import LedgerBackfillContract, LedgerContract
from contracts.memory_storage import MemoryStorage
from contracts.monitoring.alerts_register_contract import (
    AlertRegisterContract,
    RaisedAlertsContract,
)
from contracts.monitoring.gateway_calls_contract import GatewayCallsContract
from contracts.monitoring.payment_rollups_contract import PaymentRollupsContract
from contracts.monitoring.system_health_contract import SystemHealthContract
from contracts.payments.booked_payments_contract import BookedPaymentsContract
from contracts.payments.checkout_facts_contract import InitiationsContract
from contracts.payments.enrolment_queries_contract import EnrolmentQueriesContract
from contracts.payments.enrolment_register_contract import EnrolmentsContract
from contracts.payments.payment_queries_contract import (
    CatalogueContract,
    DetailsContract,
    HistoryContract,
    OpenCoursesContract,
    StatusContract,
)
from contracts.payments.payment_search_contract import PaymentSearchContract
from contracts.payments.payments_contract import PaymentsContract, RetriesContract
from contracts.privacy.personal_records_contract import PersonalRecordsContract
from contracts.proof.proof_reads_contract import ProofReadsContract
from contracts.queues.inbox_contract import InboxContract
from contracts.queues.order_polls_contract import OrderPollsContract
from contracts.queues.outbox_contract import OutboxContract
from contracts.queues.refund_polls_contract import RefundPollsContract
from contracts.queues.work_queue_contract import CancelContract, WorkQueueContract
from contracts.reconciliation.book_reads_contract import BookReadsContract
from contracts.reconciliation.deciding_contract import DecidingContract
from contracts.reconciliation.discrepancies_contract import (
    DiscrepancyQueriesContract,
    DiscrepancyRegisterContract,
)
from contracts.reconciliation.first_pass_contract import FirstPassContract
from contracts.reconciliation.reconciling_contract import ReconcilingContract
from contracts.reconciliation.resolutions_contract import ResolutionRegisterContract
from contracts.reconciliation.run_export_contract import RunExportContract
from contracts.reconciliation.runs_contract import RunRegisterContract, SettlingContract
from contracts.refunds.refund_queries_contract import RefundQueriesContract
from contracts.refunds.refunds_contract import RefundsContract, RefundViewsContract
from contracts.reviews.review_queries_contract import ReviewQueriesContract
from contracts.settlements.bank_statements_contract import BankStatementsContract
from contracts.settlements.report_answers_contract import ReportAnswersContract
from contracts.settlements.settlement_files_contract import (
    SettlementFilesContract,
    SettlementLinesContract,
    SettlementReadsContract,
)
from contracts.sign_in.browser_sessions_contract import BrowserSessionsContract
from contracts.sign_in.server_keys_contract import ServerKeysContract
from contracts.staff.staff_contract import EncryptedSecretsContract, StaffContract
from contracts.staff.waiting_work_contract import WaitingWorkContract
from contracts.unit_of_work_contract import UnitOfWorkContract
from contracts.webhooks.deliveries_contract import DeliveriesContract
from contracts.webhooks.endpoints_contract import EndpointsContract


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


class TestRetries(RetriesContract):
    pass


class TestPayments(PaymentsContract):
    pass


class TestRefunds(RefundsContract):
    pass


class TestRefundViews(RefundViewsContract):
    pass


class TestRefundPolls(RefundPollsContract):
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


class TestWorkQueue(WorkQueueContract):
    pass


class TestCancel(CancelContract):
    pass


class TestInbox(InboxContract):
    pass


class TestOutbox(OutboxContract):
    pass


class TestStatus(StatusContract):
    pass


class TestDetails(DetailsContract):
    pass


class TestOpenCourses(OpenCoursesContract):
    pass


class TestEnrolmentQueries(EnrolmentQueriesContract):
    pass


class TestHistory(HistoryContract):
    pass


class TestOrderPolls(OrderPollsContract):
    pass


class TestCatalogue(CatalogueContract):
    pass


class TestJobRuns(JobRunsContract):
    pass


class TestDocuments(DocumentsContract):
    pass


class TestDocumentFiles(DocumentFilesContract):
    pass


class TestBrowserSessions(BrowserSessionsContract):
    pass


class TestServerKeys(ServerKeysContract):
    pass


class TestStaff(StaffContract):
    pass


class TestWaitingWork(WaitingWorkContract):
    pass


class TestSealedSecrets(EncryptedSecretsContract):
    pass


class TestAuditReads(AuditReadsContract):
    pass


class TestArchive(ArchiveContract):
    pass


class TestRecordArchive(RecordArchiveContract):
    pass


class TestSealedLog(SealedLogContract):
    pass


class TestPaymentSearch(PaymentSearchContract):
    pass


class TestReviewQueries(ReviewQueriesContract):
    pass


class TestDiscrepancyRegister(DiscrepancyRegisterContract):
    pass


class TestRunRegister(RunRegisterContract):
    pass


class TestSettling(SettlingContract):
    pass


class TestResolutionRegister(ResolutionRegisterContract):
    pass


class TestDeciding(DecidingContract):
    pass


class TestRunExport(RunExportContract):
    pass


class TestReconciling(ReconcilingContract):
    pass


class TestFirstPass(FirstPassContract):
    pass


class TestDiscrepancyQueries(DiscrepancyQueriesContract):
    pass


class TestBookReads(BookReadsContract):
    pass


class TestRefundQueries(RefundQueriesContract):
    pass


class TestDocumentPeriod(DocumentPeriodContract):
    pass


class TestPaymentRollups(PaymentRollupsContract):
    pass


class TestSystemHealth(SystemHealthContract):
    pass


class TestAlertRegister(AlertRegisterContract):
    pass


class TestRaisedAlerts(RaisedAlertsContract):
    pass


class TestConfigurationRegister(ConfigurationRegisterContract):
    pass


class TestGatewayCalls(GatewayCallsContract):
    pass


class TestLedger(LedgerContract):
    pass


class TestLedgerBackfill(LedgerBackfillContract):
    pass


class TestSettlementFiles(SettlementFilesContract):
    pass


class TestSettlementLines(SettlementLinesContract):
    pass


class TestSettlementReads(SettlementReadsContract):
    pass


class TestBankStatements(BankStatementsContract):
    pass


class TestReportAnswers(ReportAnswersContract):
    pass


class TestEndpoints(EndpointsContract):
    pass


class TestDeliveries(DeliveriesContract):
    pass


class TestPersonalRecords(PersonalRecordsContract):
    pass


class TestProofReads(ProofReadsContract):
    pass


class TestBookedPayments(BookedPaymentsContract):
    pass
