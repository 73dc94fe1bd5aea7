"""An honest database in memory: every port that PostgreSQL keeps, over one store."""

from dataclasses import dataclass, field, fields

from domain.tax.gstin import Gstin
from fakes.audit.archive_register import MemoryArchiveRegister
from fakes.audit.record_archive import MemoryRecordArchive
from fakes.audit.restored_months import MemoryRestoredMonths
from fakes.audit.sealed_log import MemorySealedLog
from fakes.audit.sealed_spans import MemorySealedSpans
from fakes.audit_reads import MemoryAuditReads
from fakes.catalogue.catalogue import MemoryCatalogue
from fakes.documents.document_files import MemoryFiledDocuments
from fakes.documents.document_register import MemoryDocumentReads
from fakes.gateway_config.configuration_register import MemoryConfigurationReads
from fakes.gst_returns.document_period import MemoryDocumentPeriods
from fakes.idempotency import MemoryIdempotencyRecords
from fakes.jobs.job_runs import MemoryJobRuns
from fakes.ledger.ledger_backfill import MemoryLedgerBackfill
from fakes.ledger.ledger_periods import MemoryLedgerPeriods
from fakes.ledger.ledger_queries import MemoryLedgerQueries
from fakes.monitoring.alert_register import MemoryAlertReads
from fakes.monitoring.gateway_calls import MemoryGatewayCalls
from fakes.monitoring.payment_rollups import MemoryPaymentRollups
from fakes.monitoring.raised_alerts import MemoryRaisedAlerts
from fakes.monitoring.system_health import MemorySystemHealth
from fakes.notifications.outbox import MemoryOutbox
from fakes.payments.booked_payments import MemoryBookedPayments, MemoryDifferences
from fakes.payments.enrolment_queries import MemoryEnrolmentQueries
from fakes.payments.inbox import MemoryInbox
from fakes.payments.order_polls import MemoryOrderPolls
from fakes.payments.payment_queries import MemoryPaymentQueries
from fakes.payments.payment_search import MemoryPaymentSearch
from fakes.privacy.personal_records import MemoryPersonalRecords
from fakes.proof.proof_reads import MemoryProofReads
from fakes.reconciliation.book_reads import MemoryBookReads
from fakes.reconciliation.discrepancy_queries import MemoryDiscrepancyQueries
from fakes.reconciliation.first_pass import MemoryFirstPass
from fakes.reconciliation.run_export import MemoryRunExports
from fakes.reconciliation.run_register import MemoryRunRegister
from fakes.reconciliation.settlement_credits import MemorySettlementCredits
from fakes.refunds.refund_polls import MemoryRefundPolls
from fakes.refunds.refund_queries import MemoryRefundQueries
from fakes.reviews.review_queries import MemoryReviewQueries
from fakes.settlements.bank_statements import MemoryBankStatements
from fakes.settlements.report_answers import MemoryReportAnswers
from fakes.settlements.settlement_files import MemorySettlementFiles
from fakes.settlements.settlement_reads import MemorySettlementReads
from fakes.sign_in.browser_sessions import MemoryBrowserSessions
from fakes.sign_in.server_keys import MemoryServerKeys
from fakes.staff.encrypted_secrets import MemoryEncryptedSecrets
from fakes.staff.staff_reads import MemoryStaffReads
from fakes.staff.waiting_work import MemoryWaitingWork
from fakes.store import Store
from fakes.unit_of_work import MemoryUnitOfWork
from fakes.webhooks.platform_endpoints import MemoryEndpoints
from fakes.webhooks.webhook_deliveries import MemoryDeliveries


@dataclass(slots=True)
class Memory:
    store: Store = field(default_factory=Store)
    unit_of_work: MemoryUnitOfWork = field(init=False)
    inbox: MemoryInbox = field(init=False)
    outbox: MemoryOutbox = field(init=False)
    queries: MemoryPaymentQueries = field(init=False)
    search: MemoryPaymentSearch = field(init=False)
    audit_reads: MemoryAuditReads = field(init=False)
    personal_records: MemoryPersonalRecords = field(init=False)
    sealed_log: MemorySealedLog = field(init=False)
    archive_register: MemoryArchiveRegister = field(init=False)
    record_archive: MemoryRecordArchive = field(init=False)
    sealed_spans: MemorySealedSpans = field(init=False)
    restored_months: MemoryRestoredMonths = field(init=False)
    order_polls: MemoryOrderPolls = field(init=False)
    catalogue: MemoryCatalogue = field(init=False)
    refund_polls: MemoryRefundPolls = field(init=False)
    job_runs: MemoryJobRuns = field(init=False)
    documents: MemoryDocumentReads = field(init=False)
    filed: MemoryFiledDocuments = field(init=False)
    refunds: MemoryRefundQueries = field(init=False)
    reviews: MemoryReviewQueries = field(init=False)
    secrets: MemoryEncryptedSecrets = field(init=False)
    waiting_work: MemoryWaitingWork = field(init=False)
    staff: MemoryStaffReads = field(init=False)
    configurations: MemoryConfigurationReads = field(init=False)
    periods: MemoryDocumentPeriods = field(init=False)
    browser_sessions: MemoryBrowserSessions = field(init=False)
    server_keys: MemoryServerKeys = field(init=False)
    enrolments: MemoryEnrolmentQueries = field(init=False)
    books: MemoryBookReads = field(init=False)
    first_pass: MemoryFirstPass = field(init=False)
    discrepancies: MemoryDiscrepancyQueries = field(init=False)
    runs: MemoryRunRegister = field(init=False)
    run_exports: MemoryRunExports = field(init=False)
    credits: MemorySettlementCredits = field(init=False)
    ledger: MemoryLedgerQueries = field(init=False)
    ledger_periods: MemoryLedgerPeriods = field(init=False)
    ledger_backfill: MemoryLedgerBackfill = field(init=False)
    payment_rollups: MemoryPaymentRollups = field(init=False)
    alerts: MemoryAlertReads = field(init=False)
    gateway_calls: MemoryGatewayCalls = field(init=False)
    raised_alerts: MemoryRaisedAlerts = field(init=False)
    system_health: MemorySystemHealth = field(init=False)
    settlement_files: MemorySettlementFiles = field(init=False)
    settlement_reads: MemorySettlementReads = field(init=False)
    bank_statements: MemoryBankStatements = field(init=False)
    report_answers: MemoryReportAnswers = field(init=False)
    endpoints: MemoryEndpoints = field(init=False)
    deliveries: MemoryDeliveries = field(init=False)
    idempotency_records: MemoryIdempotencyRecords = field(init=False)
    proof_reads: MemoryProofReads = field(init=False)
    booked_payments: MemoryBookedPayments = field(init=False)
    differences: MemoryDifferences = field(init=False)

    def __post_init__(self) -> None:
        self.documents = MemoryDocumentReads(self.store, Gstin("27AAECD1234F1Z3"))
        for part in fields(self):
            if not part.init and part.name != "documents":
                setattr(self, part.name, part.type(self.store))  # type: ignore[operator]  # each is a class
