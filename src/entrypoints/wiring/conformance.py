"""
Never run: makes the type checker hold every adapter against its port, since it cannot see the container.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.aesgcm.cipher import AesGcmCipher
    from adapters.breaker.gateway import CircuitBreakerGateway
    from adapters.ed25519.note_signatures import NoteSigner
    from adapters.fake.gateway import FakeGateway
    from adapters.fake.served import ServedFakeGateway
    from adapters.hdfc.inbound.gateway_messages import HdfcMessages
    from adapters.hdfc.outbound.gateway import HdfcGateway
    from adapters.hdfc.settlement.reports import HdfcReports
    from adapters.objectstore.archive_manifests import ObjectManifests
    from adapters.objectstore.checkpoint_anchors import ObjectAnchors
    from adapters.objectstore.store import ObjectFiles
    from adapters.postgres.audit.archive_register import PostgresArchiveRegister
    from adapters.postgres.audit.audit_log import PostgresAudit
    from adapters.postgres.audit.audit_reads import PostgresAuditReads
    from adapters.postgres.audit.record_archive import PostgresRecordArchive
    from adapters.postgres.audit.restored_months import PostgresRestoredMonths
    from adapters.postgres.audit.sealed_log import PostgresSealedLog
    from adapters.postgres.audit.sealed_spans import PostgresSealedSpans
    from adapters.postgres.catalogue.catalogue import PostgresCatalogue
    from adapters.postgres.catalogue.discounts import PostgresDiscounts
    from adapters.postgres.documents.document_files import (
        PostgresFiledDocuments,
        PostgresFilingWrites,
    )
    from adapters.postgres.documents.document_period import (
        PostgresDocumentPeriod,
        PostgresDocumentPeriods,
    )
    from adapters.postgres.documents.documents import PostgresDocumentReads, PostgresDocuments
    from adapters.postgres.gateway_config.configuration_register import (
        PostgresConfigurationReads,
        PostgresConfigurations,
    )
    from adapters.postgres.invariants.invariants import PostgresInvariants
    from adapters.postgres.ledger.journal_writes import PostgresJournalWrites
    from adapters.postgres.ledger.ledger_backfill import PostgresLedgerBackfill
    from adapters.postgres.ledger.ledger_periods import PostgresLedgerPeriods
    from adapters.postgres.ledger.ledger_queries import PostgresLedgerQueries
    from adapters.postgres.monitoring.alert_register import (
        PostgresAlertReads,
        PostgresAlertWrites,
    )
    from adapters.postgres.monitoring.gateway_calls import PostgresGatewayCalls
    from adapters.postgres.monitoring.payment_rollups import PostgresPaymentRollups
    from adapters.postgres.monitoring.raised_alerts import PostgresRaisedAlerts
    from adapters.postgres.monitoring.system_health import PostgresSystemHealth
    from adapters.postgres.payments.booked_payments import PostgresBookedPayments
    from adapters.postgres.payments.checkout_facts import PostgresCheckoutFacts
    from adapters.postgres.payments.difference_register import PostgresDifferences
    from adapters.postgres.payments.enrolment_queries import PostgresEnrolmentQueries
    from adapters.postgres.payments.enrolments import PostgresEnrolments
    from adapters.postgres.payments.idempotency import (
        PostgresIdempotency,
        PostgresIdempotencyRecords,
    )
    from adapters.postgres.payments.payment_queries import PostgresPaymentQueries
    from adapters.postgres.payments.payment_search import PostgresPaymentSearch
    from adapters.postgres.payments.payments import PostgresPayments
    from adapters.postgres.payments.review_queries import PostgresReviewQueries
    from adapters.postgres.privacy.personal_records import PostgresPersonalRecords
    from adapters.postgres.queues.inbox import PostgresInbox, PostgresInboxWrites
    from adapters.postgres.queues.job_runs import PostgresJobRuns, PostgresJobWrites
    from adapters.postgres.queues.order_polls import PostgresOrderPolls, PostgresOrderPollWrites
    from adapters.postgres.queues.outbox import PostgresOutbox, PostgresOutboxWrites
    from adapters.postgres.queues.proof_reads import PostgresProofReads
    from adapters.postgres.queues.refund_polls import PostgresRefundPolls, PostgresRefundPollWrites
    from adapters.postgres.queues.webhook_deliveries import (
        PostgresDeliveries,
        PostgresDeliveryWrites,
    )
    from adapters.postgres.reconciliation.book_reads import PostgresBookReads
    from adapters.postgres.reconciliation.discrepancy_queries import PostgresDiscrepancyQueries
    from adapters.postgres.reconciliation.discrepancy_register import PostgresDiscrepancies
    from adapters.postgres.reconciliation.expectation_register import PostgresExpectations
    from adapters.postgres.reconciliation.first_pass import PostgresFirstPass
    from adapters.postgres.reconciliation.resolution_register import PostgresResolutions
    from adapters.postgres.reconciliation.run_export import PostgresRunExport, PostgresRunExports
    from adapters.postgres.reconciliation.run_register import PostgresRunRegister, PostgresRunWrites
    from adapters.postgres.reconciliation.settlement_credits import (
        PostgresSettlementCredits,
        PostgresSettlementCreditWrites,
    )
    from adapters.postgres.refunds.refund_queries import PostgresRefundQueries
    from adapters.postgres.settlements.bank_statements import (
        PostgresBankStatements,
        PostgresStatementImport,
    )
    from adapters.postgres.settlements.report_answers import PostgresReportAnswers
    from adapters.postgres.settlements.settlement_files import PostgresSettlementFiles
    from adapters.postgres.settlements.settlement_import import PostgresFileImport
    from adapters.postgres.settlements.settlement_reads import PostgresSettlementReads
    from adapters.postgres.settlements.settlement_writes import (
        PostgresBankEntryWrites,
        PostgresSettlementWrites,
    )
    from adapters.postgres.sign_in.browser_sessions import PostgresBrowserSessions
    from adapters.postgres.sign_in.server_keys import PostgresServerKeys, PostgresServerKeyWrites
    from adapters.postgres.staff.encrypted_secrets import PostgresEncryptedSecrets
    from adapters.postgres.staff.staff_register import PostgresStaff, PostgresStaffReads
    from adapters.postgres.staff.waiting_work import PostgresWaitingWork
    from adapters.postgres.unit_of_work import PostgresUnitOfWork, PostgresWork
    from adapters.postgres.webhooks.platform_endpoints import (
        PostgresEndpoints,
        PostgresEndpointWrites,
    )
    from adapters.proof_page.page import HtmlProofPage
    from adapters.redis.browser_sessions import RedisBrowserSessions
    from adapters.settlement_files.folder_source import FolderSource
    from adapters.settlement_files.reader import PresetFileReader, PresetFileReading
    from adapters.settlement_files.statement_reader import PresetStatementReader
    from adapters.smtp.email_texts import EmailTemplates
    from adapters.smtp.sender import SmtpSender
    from adapters.spreadsheet.portal_file import PortalFile
    from adapters.spreadsheet.return_files import SpreadsheetReturnFiles
    from adapters.spreadsheet.run_archive import RunArchive
    from adapters.spreadsheet.run_files import SpreadsheetRunFiles
    from adapters.spreadsheet.run_workbook import RunWorkbook
    from adapters.spreadsheet.sheet_files import SheetFiles
    from adapters.spreadsheet.workbook import WorkbookFile
    from adapters.system.alerts import LoggedAlerts
    from adapters.system.clock import SystemClock
    from adapters.totp.second_factor import TotpSecondFactor
    from adapters.typst.renderer import TypstRenderer
    from adapters.webhook.sender import HttpWebhooks
    from adapters.zstd.line_packing import ZstdPacker, ZstdPacking
    from ports.alerts import Alerts
    from ports.audit.archive_manifests import ArchiveManifests
    from ports.audit.archive_register import ArchiveRegister
    from ports.audit.checkpoint_anchors import CheckpointAnchors
    from ports.audit.checkpoint_signer import CheckpointSigner
    from ports.audit.line_packing import LinePacker, LinePacking
    from ports.audit.record_archive import RecordArchive
    from ports.audit.restored_months import RestoredMonths
    from ports.audit.sealed_log import SealedLog
    from ports.audit.sealed_spans import SealedSpans
    from ports.audit_log import AuditReads, AuditWrites
    from ports.catalogue.catalogue import Catalogue
    from ports.catalogue.discount_book import DiscountBook
    from ports.cipher import Cipher
    from ports.clock import Clock
    from ports.documents.document_files import FiledDocuments, FilingWrites
    from ports.documents.document_register import DocumentReads, DocumentRegister
    from ports.documents.document_renderer import DocumentRenderer
    from ports.file_store import FileStore
    from ports.gateway_config.configuration_register import (
        ConfigurationReads,
        ConfigurationRegister,
    )
    from ports.gst_returns.document_period import DocumentPeriod, DocumentPeriods
    from ports.gst_returns.return_files import ReturnFile, ReturnFiles
    from ports.idempotency import IdempotencyRecords, IdempotencyWrites
    from ports.jobs.job_runs import JobRuns, JobWrites
    from ports.ledger.journal_writes import JournalWrites
    from ports.ledger.ledger_backfill import LedgerBackfill
    from ports.ledger.ledger_periods import LedgerPeriods
    from ports.ledger.ledger_queries import LedgerQueries
    from ports.monitoring.alert_register import AlertReads, AlertWrites
    from ports.monitoring.gateway_calls import GatewayCalls
    from ports.monitoring.money_invariants import MoneyInvariants
    from ports.monitoring.payment_rollups import PaymentRollups
    from ports.monitoring.raised_alerts import RaisedAlerts
    from ports.monitoring.system_health import SystemHealth
    from ports.notifications.email_sender import EmailSender
    from ports.notifications.email_texts import EmailTexts
    from ports.notifications.outbox import Outbox, OutboxWrites
    from ports.notifications.webhook_sender import WebhookSender
    from ports.payments.checkout_facts import CheckoutReads
    from ports.payments.enrolment_queries import EnrolmentQueries
    from ports.payments.enrolment_register import EnrolmentRegister
    from ports.payments.gateway_messages import GatewayMessages
    from ports.payments.inbox import Inbox, InboxWrites
    from ports.payments.order_polls import OrderPolls, OrderPollWrites
    from ports.payments.payment_gateway import PaymentGateway
    from ports.payments.payment_queries import PaymentQueries
    from ports.payments.payment_repository import PaymentRepository
    from ports.payments.payment_search import PaymentSearch
    from ports.privacy.personal_records import PersonalRecords
    from ports.proof.proof_contents import ProofPage
    from ports.proof.proof_reads import ProofReads
    from ports.rebuild.booked_payments import BookedPayments, DifferenceRegister
    from ports.reconciliation.book_reads import BookReads
    from ports.reconciliation.discrepancy_queries import DiscrepancyQueries
    from ports.reconciliation.discrepancy_register import DiscrepancyRegister
    from ports.reconciliation.expectation_register import ExpectationRegister
    from ports.reconciliation.first_pass import FirstPass
    from ports.reconciliation.resolution_register import ResolutionRegister
    from ports.reconciliation.run_export import RunExport, RunExports
    from ports.reconciliation.run_export_files import RunExportFile, RunExportFiles
    from ports.reconciliation.run_register import RunRegister, RunWrites
    from ports.reconciliation.settlement_credits import SettlementCredits, SettlementCreditWrites
    from ports.refunds.refund_polls import RefundPoll, RefundPollWrites
    from ports.refunds.refund_queries import RefundQueries
    from ports.reviews.review_queries import ReviewQueries
    from ports.settlements.bank_entry_writes import BankEntryWrites
    from ports.settlements.bank_statement_reader import BankStatementReader
    from ports.settlements.bank_statements import BankStatements, StatementImport
    from ports.settlements.report_answers import ReportAnswers
    from ports.settlements.settlement_file_reader import (
        SettlementFileReader,
        SettlementFileReading,
    )
    from ports.settlements.settlement_files import SettlementFileImport, SettlementFiles
    from ports.settlements.settlement_reads import SettlementReads, SettlementWrites
    from ports.settlements.settlement_source import SettlementSource
    from ports.sign_in.browser_sessions import BrowserSessions
    from ports.sign_in.server_keys import ServerKeys, ServerKeyWrites
    from ports.staff.encrypted_secrets import EncryptedSecrets
    from ports.staff.second_factor import SecondFactor
    from ports.staff.staff_reads import StaffReads
    from ports.staff.staff_register import StaffRegister
    from ports.staff.waiting_work import WaitingWorkReads
    from ports.unit_of_work import UnitOfWork, Work
    from ports.webhooks.platform_endpoints import PlatformEndpoints, PlatformEndpointWrites
    from ports.webhooks.webhook_deliveries import DeliveryWrites, WebhookDeliveries
    from ports.work_queue import WorkQueue

    _clock: type[Clock] = SystemClock
    _gateway: type[PaymentGateway] = HdfcGateway
    _guarded_gateway: type[PaymentGateway] = CircuitBreakerGateway
    _fake_gateway: type[PaymentGateway] = FakeGateway
    _served_fake_gateway: type[PaymentGateway] = ServedFakeGateway
    _messages: type[GatewayMessages] = HdfcMessages
    _fake_messages: type[GatewayMessages] = FakeGateway
    _served_fake_messages: type[GatewayMessages] = ServedFakeGateway
    _unit_of_work: type[UnitOfWork] = PostgresUnitOfWork
    _work: type[Work] = PostgresWork
    _payments: type[PaymentRepository] = PostgresPayments
    _checkout_facts: type[CheckoutReads] = PostgresCheckoutFacts
    _enrolments: type[EnrolmentRegister] = PostgresEnrolments
    _discounts: type[DiscountBook] = PostgresDiscounts
    _idempotency: type[IdempotencyWrites] = PostgresIdempotency
    _idempotency_records: type[IdempotencyRecords] = PostgresIdempotencyRecords
    _inbox: type[Inbox] = PostgresInbox
    _inbox_writes: type[InboxWrites] = PostgresInboxWrites
    _outbox: type[Outbox] = PostgresOutbox
    _outbox_writes: type[OutboxWrites] = PostgresOutboxWrites
    _endpoints: type[PlatformEndpoints] = PostgresEndpoints
    _endpoint_writes: type[PlatformEndpointWrites] = PostgresEndpointWrites
    _deliveries: type[WebhookDeliveries] = PostgresDeliveries
    _proof_reads: type[ProofReads] = PostgresProofReads
    _booked_payments: type[BookedPayments] = PostgresBookedPayments
    _differences: type[DifferenceRegister] = PostgresDifferences
    _proof_page: type[ProofPage] = HtmlProofPage
    _delivery_writes: type[DeliveryWrites] = PostgresDeliveryWrites
    _period: type[DocumentPeriod] = PostgresDocumentPeriod
    _periods: type[DocumentPeriods] = PostgresDocumentPeriods
    _return_files: type[ReturnFiles] = SpreadsheetReturnFiles
    _portal_file: type[ReturnFile] = PortalFile
    _sheet_files: type[ReturnFile] = SheetFiles
    _workbook: type[ReturnFile] = WorkbookFile
    _documents: type[DocumentRegister] = PostgresDocuments
    _document_reads: type[DocumentReads] = PostgresDocumentReads
    _filings: type[FilingWrites] = PostgresFilingWrites
    _filed_documents: type[FiledDocuments] = PostgresFiledDocuments
    _audit: type[AuditWrites] = PostgresAudit
    _alerts: type[Alerts] = LoggedAlerts
    _order_poll_writes: type[OrderPollWrites] = PostgresOrderPollWrites
    _order_polls: type[OrderPolls] = PostgresOrderPolls
    _queries: type[PaymentQueries] = PostgresPaymentQueries
    _audit_reads: type[AuditReads] = PostgresAuditReads
    _sealed_log: type[SealedLog] = PostgresSealedLog
    _sealed_spans: type[SealedSpans] = PostgresSealedSpans
    _archive_register: type[ArchiveRegister] = PostgresArchiveRegister
    _record_archive: type[RecordArchive] = PostgresRecordArchive
    _restored_months: type[RestoredMonths] = PostgresRestoredMonths
    _archive_manifests: type[ArchiveManifests] = ObjectManifests
    _line_packing: type[LinePacking] = ZstdPacking
    _line_packer: type[LinePacker] = ZstdPacker
    _signer: type[CheckpointSigner] = NoteSigner
    _anchors: type[CheckpointAnchors] = ObjectAnchors
    _payment_search: type[PaymentSearch] = PostgresPaymentSearch
    _catalogue: type[Catalogue] = PostgresCatalogue
    _sender: type[EmailSender] = SmtpSender
    _texts: type[EmailTexts] = EmailTemplates
    _cipher: type[Cipher] = AesGcmCipher
    _second_factor: type[SecondFactor] = TotpSecondFactor
    _renderer: type[DocumentRenderer] = TypstRenderer
    _files: type[FileStore] = ObjectFiles
    _refund_queries: type[RefundQueries] = PostgresRefundQueries
    _review_queries: type[ReviewQueries] = PostgresReviewQueries
    _discrepancies: type[DiscrepancyRegister] = PostgresDiscrepancies
    _expectations: type[ExpectationRegister] = PostgresExpectations
    _runs: type[RunRegister] = PostgresRunRegister
    _run_writes: type[RunWrites] = PostgresRunWrites
    _run_export: type[RunExport] = PostgresRunExport
    _run_exports: type[RunExports] = PostgresRunExports
    _run_files: type[RunExportFiles] = SpreadsheetRunFiles
    _run_archive: type[RunExportFile] = RunArchive
    _run_workbook: type[RunExportFile] = RunWorkbook
    _settlement_credits: type[SettlementCredits] = PostgresSettlementCredits
    _credit_writes: type[SettlementCreditWrites] = PostgresSettlementCreditWrites
    _resolutions: type[ResolutionRegister] = PostgresResolutions
    _discrepancy_queries: type[DiscrepancyQueries] = PostgresDiscrepancyQueries
    _book_reads: type[BookReads] = PostgresBookReads
    _first_pass: type[FirstPass] = PostgresFirstPass
    _enrolment_queries: type[EnrolmentQueries] = PostgresEnrolmentQueries
    _browser_sessions: type[BrowserSessions] = PostgresBrowserSessions
    _personal_records: type[PersonalRecords] = PostgresPersonalRecords
    _cached_browser_sessions: type[BrowserSessions] = RedisBrowserSessions
    _server_keys: type[ServerKeys] = PostgresServerKeys
    _server_key_writes: type[ServerKeyWrites] = PostgresServerKeyWrites
    _staff: type[StaffRegister] = PostgresStaff
    _waiting_work: type[WaitingWorkReads] = PostgresWaitingWork
    _configurations: type[ConfigurationRegister] = PostgresConfigurations
    _configuration_reads: type[ConfigurationReads] = PostgresConfigurationReads
    _staff_reads: type[StaffReads] = PostgresStaffReads
    _job_runs: type[JobRuns] = PostgresJobRuns
    _job_writes: type[JobWrites] = PostgresJobWrites
    _encrypted_secrets: type[EncryptedSecrets] = PostgresEncryptedSecrets
    _refund_polls: type[WorkQueue[RefundPoll]] = PostgresRefundPolls
    _refund_poll_writes: type[RefundPollWrites] = PostgresRefundPollWrites
    _invariants: type[MoneyInvariants] = PostgresInvariants
    _settlement_file_reader: type[SettlementFileReader] = PresetFileReader
    _settlement_file_reading: type[SettlementFileReading] = PresetFileReading
    _bank_statement_reader: type[BankStatementReader] = PresetStatementReader
    _folder_source: type[SettlementSource] = FolderSource
    _report_source: type[SettlementSource] = HdfcReports
    _journals: type[JournalWrites] = PostgresJournalWrites
    _ledger: type[LedgerQueries] = PostgresLedgerQueries
    _payment_rollups: type[PaymentRollups] = PostgresPaymentRollups
    _alert_reads: type[AlertReads] = PostgresAlertReads
    _alert_writes: type[AlertWrites] = PostgresAlertWrites
    _webhooks: type[WebhookSender] = HttpWebhooks
    _gateway_calls: type[GatewayCalls] = PostgresGatewayCalls
    _raised_alerts: type[RaisedAlerts] = PostgresRaisedAlerts
    _system_health: type[SystemHealth] = PostgresSystemHealth
    _ledger_periods: type[LedgerPeriods] = PostgresLedgerPeriods
    _ledger_backfill: type[LedgerBackfill] = PostgresLedgerBackfill
    _settlement_files: type[SettlementFiles] = PostgresSettlementFiles
    _settlement_import: type[SettlementFileImport] = PostgresFileImport
    _settlement_reads: type[SettlementReads] = PostgresSettlementReads
    _settlement_writes: type[SettlementWrites] = PostgresSettlementWrites
    _report_answers: type[ReportAnswers] = PostgresReportAnswers
    _bank_statements: type[BankStatements] = PostgresBankStatements
    _statement_import: type[StatementImport] = PostgresStatementImport
    _bank_entry_writes: type[BankEntryWrites] = PostgresBankEntryWrites
