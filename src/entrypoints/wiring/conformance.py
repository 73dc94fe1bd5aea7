"""
Never run: makes the type checker hold every adapter against its port, since it cannot see the container.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.aesgcm.cipher import AesGcmCipher
    from adapters.breaker.gateway import GuardedGateway
    from adapters.fake.gateway import FakeGateway
    from adapters.hdfc.gateway import HdfcGateway
    from adapters.hdfc.messages import HdfcMessages
    from adapters.objectstore.store import ObjectFiles
    from adapters.postgres.audit_log import PostgresAudit
    from adapters.postgres.bank_questions import PostgresBankQuestions, PostgresQuestionWrites
    from adapters.postgres.catalogue import PostgresCatalogue
    from adapters.postgres.discounts import PostgresDiscounts
    from adapters.postgres.document_files import PostgresFiledDocuments, PostgresFilingWrites
    from adapters.postgres.document_period import PostgresDocumentPeriod, PostgresDocumentPeriods
    from adapters.postgres.documents import PostgresDocumentReads, PostgresDocuments
    from adapters.postgres.enrolments import PostgresEnrolments
    from adapters.postgres.idempotency import PostgresIdempotency
    from adapters.postgres.inbox import PostgresInbox, PostgresInboxClosings
    from adapters.postgres.initiations import PostgresInitiations
    from adapters.postgres.invariants import PostgresInvariants
    from adapters.postgres.outbox import PostgresOutbox, PostgresOutboxWrites
    from adapters.postgres.payment_queries import PostgresPaymentQueries
    from adapters.postgres.payments import PostgresPayments
    from adapters.postgres.refund_queries import PostgresRefundQueries
    from adapters.postgres.refund_watch import PostgresRefundWatch, PostgresRefundWatchWrites
    from adapters.postgres.sealed_secrets import PostgresSealedSecrets
    from adapters.postgres.staff import PostgresStaff
    from adapters.postgres.unit_of_work import PostgresUnitOfWork, PostgresWork
    from adapters.smtp.sender import SmtpSender
    from adapters.smtp.texts import LetterTexts
    from adapters.spreadsheet.portal_file import PortalFile
    from adapters.spreadsheet.return_files import SpreadsheetReturnFiles
    from adapters.spreadsheet.sheet_files import SheetFiles
    from adapters.spreadsheet.workbook import WorkbookFile
    from adapters.system.alerts import LoggedAlerts
    from adapters.system.clock import SystemClock
    from adapters.totp.second_factor import TotpSecondFactor
    from adapters.typst.renderer import TypstRenderer
    from ports.alerts import Alerts
    from ports.audit_log import AuditWrites
    from ports.bank_questions import BankQuestions, QuestionWrites
    from ports.catalogue import Catalogue
    from ports.cipher import Cipher
    from ports.clock import Clock
    from ports.discount_book import DiscountBook
    from ports.document_files import FiledDocuments, FilingWrites
    from ports.document_period import DocumentPeriod, DocumentPeriods
    from ports.document_register import DocumentReads, DocumentRegister
    from ports.document_renderer import DocumentRenderer
    from ports.email_sender import EmailSender
    from ports.email_texts import EmailTexts
    from ports.enrolment_register import EnrolmentRegister
    from ports.file_store import FileStore
    from ports.gateway_messages import GatewayMessages
    from ports.idempotency import IdempotencyWrites
    from ports.inbox import Inbox, InboxClosings
    from ports.initiation_facts import InitiationReads
    from ports.money_invariants import MoneyInvariants
    from ports.outbox import Outbox, OutboxWrites
    from ports.payment_gateway import PaymentGateway
    from ports.payment_queries import PaymentQueries
    from ports.payment_repository import PaymentRepository
    from ports.refund_queries import RefundQueries
    from ports.refund_watch import RefundWatch, RefundWatchWrites
    from ports.return_files import ReturnFile, ReturnFiles
    from ports.sealed_secrets import SealedSecrets
    from ports.second_factor import SecondFactor
    from ports.staff_register import StaffRegister
    from ports.unit_of_work import UnitOfWork, Work

    _clock: type[Clock] = SystemClock
    _bank: type[PaymentGateway] = HdfcGateway
    _guarded_bank: type[PaymentGateway] = GuardedGateway
    _fake_bank: type[PaymentGateway] = FakeGateway
    _messages: type[GatewayMessages] = HdfcMessages
    _fake_messages: type[GatewayMessages] = FakeGateway
    _unit_of_work: type[UnitOfWork] = PostgresUnitOfWork
    _work: type[Work] = PostgresWork
    _payments: type[PaymentRepository] = PostgresPayments
    _initiations: type[InitiationReads] = PostgresInitiations
    _enrolments: type[EnrolmentRegister] = PostgresEnrolments
    _discounts: type[DiscountBook] = PostgresDiscounts
    _idempotency: type[IdempotencyWrites] = PostgresIdempotency
    _inbox: type[Inbox] = PostgresInbox
    _inbox_closings: type[InboxClosings] = PostgresInboxClosings
    _outbox: type[Outbox] = PostgresOutbox
    _outbox_writes: type[OutboxWrites] = PostgresOutboxWrites
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
    _question_writes: type[QuestionWrites] = PostgresQuestionWrites
    _questions: type[BankQuestions] = PostgresBankQuestions
    _queries: type[PaymentQueries] = PostgresPaymentQueries
    _catalogue: type[Catalogue] = PostgresCatalogue
    _sender: type[EmailSender] = SmtpSender
    _texts: type[EmailTexts] = LetterTexts
    _cipher: type[Cipher] = AesGcmCipher
    _second_factor: type[SecondFactor] = TotpSecondFactor
    _renderer: type[DocumentRenderer] = TypstRenderer
    _files: type[FileStore] = ObjectFiles
    _refund_queries: type[RefundQueries] = PostgresRefundQueries
    _staff: type[StaffRegister] = PostgresStaff
    _sealed_secrets: type[SealedSecrets] = PostgresSealedSecrets
    _refund_watch: type[RefundWatch] = PostgresRefundWatch
    _refund_watch_writes: type[RefundWatchWrites] = PostgresRefundWatchWrites
    _invariants: type[MoneyInvariants] = PostgresInvariants
