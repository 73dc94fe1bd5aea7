"""The dependencies of the routes, grouped by the packages of the application."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, TypeAlias, cast

from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application.audit.list_archive import ListArchive
from application.audit.record_access import RecordAccess
from application.catalogue.replace_catalogue import ReplaceCourses, ReplaceDiscounts
from application.checkout.idempotency import CheckoutAnswer
from application.checkout.initiate_payment import InitiatePaymentCommand
from application.checkout.quote_course import QuoteCourseCommand
from application.checkout.retry_payment import RetryPaymentCommand
from application.discrepancies.decide_resolution import DecideResolution
from application.discrepancies.resolve_discrepancies import (
    ResolutionOutcome,
    ResolveDiscrepanciesCommand,
)
from application.documents.download_document import DocumentFile, DownloadDocumentCommand
from application.evidence.receive_callback import Returned
from application.gateway_config.configuration_drafts import ConfigurationDrafts
from application.gateway_config.decide_configuration import DecideConfiguration
from application.gateway_config.propose_configuration import ProposeConfiguration
from application.gateway_config.read_configuration import ReadConfiguration
from application.gateway_config.try_connection import TryConnection
from application.jobs.ask_job import AskJob
from application.jobs.list_jobs import ListJobs
from application.monitoring.answer_alerts import AnswerAlerts
from application.monitoring.read_figures import ReadFigures
from application.monitoring.watch_credentials import WatchCredentials
from application.notifications.dead_letters import CloseDeadLetter, RequeueDeadLetter
from application.notifications.refused_webhooks import DismissWebhooks
from application.privacy.authorise_erasure import AuthoriseErasure
from application.privacy.export_personal_data import ExportPersonalData
from application.privacy.hold_payment import HoldPayment
from application.reconciliation.ask_reconciliation import AskReconciliation
from application.reconciliation.export_run import ExportRun
from application.refunds.authorise_refund import AuthoriseRefund
from application.reviews.resolve_review import Resolved, ResolveReviewCommand
from application.settlements.compare_reissue import CompareReissue
from application.settlements.import_bank_statement import ImportBankStatement
from application.settlements.import_settlement_file import ImportSettlementFile
from application.settlements.preview_file import PreviewSettlementFile
from application.settlements.release_file import (
    DeclineReissue,
    ReleaseSettlementFile,
    TakeReissue,
)
from application.sign_in.begin_session import SignInCommand
from application.sign_in.confirm_session import ConfirmSessionCommand
from application.sign_in.end_sessions import EndSessions
from application.sign_in.manage_server_keys import ManageServerKeys
from application.staff.manage_accounts import ManageAccounts
from application.staff.show_student import ShowStudent
from application.webhooks.manage_endpoints import ManageEndpoints
from domain.catalogue.quote import Quote
from domain.errors import DomainError
from domain.gst_returns.gstr1 import Gstr1
from domain.gst_returns.return_period import ReturnPeriod
from domain.identifiers import PaymentId, StudentId
from domain.payments.consent import PrivacyNotice
from domain.payments.payment import Payment
from domain.privacy.erasure import ErasurePlan
from domain.sign_in.browser_session import BrowserSession
from domain.sign_in.server_key import ServerKey
from domain.staff.staff_member import StaffId
from domain.text.language import Language, Translations
from entrypoints.settings.settings import Settings
from ports.audit_log import AuditReads, Origin
from ports.catalogue.catalogue import Catalogue
from ports.clock import Clock
from ports.documents.document_register import DocumentReads
from ports.gst_returns.return_files import ReturnFormat
from ports.ledger.ledger_queries import LedgerQueries
from ports.monitoring.alert_register import AlertReads
from ports.monitoring.system_health import SystemHealth
from ports.notifications.outbox import Outbox
from ports.payments.enrolment_queries import EnrolmentQueries
from ports.payments.inbox import EntryState, Inbox
from ports.payments.payment_queries import PaymentQueries, StatusView
from ports.payments.payment_search import PaymentSearch
from ports.privacy.personal_records import PersonalRecords
from ports.reconciliation.book_reads import BookReads
from ports.reconciliation.discrepancy_queries import DiscrepancyQueries
from ports.reconciliation.run_register import RunRegister
from ports.refunds.refund_queries import RefundQueries
from ports.reviews.review_queries import ReviewQueries
from ports.settlements.bank_statements import BankStatements
from ports.settlements.settlement_files import SettlementFiles
from ports.settlements.settlement_reads import SettlementReads
from ports.sign_in.browser_sessions import BrowserSessions
from ports.sign_in.server_keys import ServerKeys
from ports.staff.staff_reads import StaffReads
from ports.staff.waiting_work import WaitingWorkReads
from ports.webhooks.platform_endpoints import PlatformEndpoints
from ports.webhooks.webhook_deliveries import WebhookDeliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutDependencies:
    """
    *session_suspended_for* returns how long no session is created at the bank, None when the bank answers.

    *privacy_notice* is what students are asked to agree to, None where they are asked nothing.
    """

    quote_course: Callable[[QuoteCourseCommand], Awaitable[Quote]]
    initiate_payment: Callable[[InitiatePaymentCommand], Awaitable[CheckoutAnswer]]
    retry_payment: Callable[[RetryPaymentCommand], Awaitable[CheckoutAnswer]]
    cancel_payment: Callable[[PaymentId, StudentId, Origin], Awaitable[Payment]]
    record_refusal: Callable[[StudentId, DomainError, Origin], Awaitable[None]]
    session_suspended_for: Callable[[], timedelta | None]
    privacy_notice: PrivacyNotice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDependencies:
    """*read_suspended_for* returns how long no order is read at the bank, None when the bank answers."""

    receive_callback: Callable[[Sequence[tuple[str, str]], Origin], Awaitable[Returned]]
    check_webhook_sender: Callable[[Mapping[str, str]], None]
    receive_webhook: Callable[[Mapping[str, str], bytes], Awaitable[EntryState]]
    check_status: Callable[[PaymentId, StudentId, Origin], Awaitable[StatusView]]
    read_suspended_for: Callable[[], timedelta | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDependencies:
    authorise_refund: AuthoriseRefund
    queries: RefundQueries


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDependencies:
    resolve_review: Callable[[ResolveReviewCommand], Awaitable[Resolved]]
    queries: ReviewQueries


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyDependencies:
    resolve: Callable[[ResolveDiscrepanciesCommand], Awaitable[Sequence[ResolutionOutcome]]]
    decide: DecideResolution
    queries: DiscrepancyQueries
    lines: SettlementReads
    books: BookReads


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationDependencies:
    ask: AskReconciliation
    export: ExportRun
    runs: RunRegister


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDependencies:
    """*refuse_suspended* returns, or raises for a member of staff who is suspended."""

    begin_session: Callable[[SignInCommand], Awaitable[BrowserSession]]
    confirm_session: Callable[[ConfirmSessionCommand], Awaitable[BrowserSession]]
    end_sessions: EndSessions
    sessions: BrowserSessions
    authenticate_server: Callable[[str], Awaitable[ServerKey]]
    server_keys: ServerKeys
    manage_server_keys: ManageServerKeys
    refuse_suspended: Callable[[StaffId], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDependencies:
    download_document: Callable[[DownloadDocumentCommand], Awaitable[DocumentFile]]
    register: DocumentReads
    make_proof: Callable[[PaymentId, BinaryIO, Origin], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueDependencies:
    replace_courses: ReplaceCourses
    replace_discounts: ReplaceDiscounts
    on_sale: Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class GstReturnDependencies:
    export_return: Callable[[ReturnPeriod, ReturnFormat, BinaryIO, Origin], Awaitable[Gstr1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementDependencies:
    files: SettlementFiles
    statements: BankStatements
    preview: PreviewSettlementFile
    import_file: ImportSettlementFile
    import_statement: ImportBankStatement
    release: ReleaseSettlementFile
    compare: CompareReissue
    take: TakeReissue
    decline: DeclineReissue


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringDependencies:
    """*jobs* gives how often each periodic job runs."""

    figures: ReadFigures
    alerts: AlertReads
    answer_alerts: AnswerAlerts
    health: SystemHealth
    credentials: WatchCredentials
    jobs: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterDependencies:
    outbox: Outbox
    requeue: RequeueDeadLetter
    close: CloseDeadLetter
    inbox: Inbox
    dismiss_webhooks: DismissWebhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDependencies:
    manage: ManageEndpoints
    endpoints: PlatformEndpoints
    deliveries: WebhookDeliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyDependencies:
    """*plan* returns what would be erased of a student now, and what stays."""

    records: PersonalRecords
    export: ExportPersonalData
    plan: Callable[[StudentId], Awaitable[ErasurePlan]]
    erase: AuthoriseErasure
    hold: HoldPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDependencies:
    accounts: ManageAccounts
    reads: StaffReads
    show_student: ShowStudent


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfigDependencies:
    read: ReadConfiguration
    propose: ProposeConfiguration
    decide: DecideConfiguration
    try_connection: TryConnection
    drafts: ConfigurationDrafts


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDependencies:
    all: ListJobs
    ask: AskJob


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDependencies:
    """
    What the HTTP application needs from its process.

    *start* and *stop* begin and end it. *wake_workers* tells the workers that something is due and
    never raises. *ready* returns for each part ``ok`` or what is wrong with it.
    """

    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]
    wake_workers: Callable[[], Awaitable[None]]
    ready: Callable[[], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    settings: Settings
    clock: Clock
    translations: Mapping[Language, Translations]
    process: ProcessDependencies
    checkout: CheckoutDependencies
    payments: PaymentQueries
    enrolments: EnrolmentQueries
    search: PaymentSearch
    audit: AuditReads
    record_access: RecordAccess
    ledger: LedgerQueries
    evidence: EvidenceDependencies
    refunds: RefundDependencies
    waiting_work: WaitingWorkReads
    reviews: ReviewDependencies
    discrepancies: DiscrepancyDependencies
    reconciliation: ReconciliationDependencies
    documents: DocumentDependencies
    catalogue: CatalogueDependencies
    gst_returns: GstReturnDependencies
    settlements: SettlementDependencies
    sign_in: SignInDependencies
    monitoring: MonitoringDependencies
    gateway_config: GatewayConfigDependencies
    archive: ListArchive
    jobs: JobDependencies
    staff: StaffDependencies
    privacy: PrivacyDependencies
    dead_letters: DeadLetterDependencies
    webhooks: WebhookDependencies


Deps: TypeAlias = NamedDependency[SkipValidation[Dependencies]]
"""The one dependency of a handler."""


def provide_dependencies(state: State) -> Dependencies:
    """Return what the application was installed with."""
    return cast("Dependencies", state.deps)
