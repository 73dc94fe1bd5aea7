"""What the storage contracts are written against: every port the business keeps things in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.identifiers import PaymentId
from domain.payments.payment import Payment, Student
from fakes.clock import NOON
from fakes.samples import ASHA, BY_STAFF, NOTED
from ports.audit.archive_register import ArchiveRegister
from ports.audit.record_archive import RecordArchive
from ports.audit.restored_months import RestoredMonths
from ports.audit.sealed_log import SealedLog
from ports.audit.sealed_spans import SealedSpans
from ports.audit_log import AuditEntry, AuditReads
from ports.catalogue.catalogue import Catalogue
from ports.documents.document_files import FiledDocuments
from ports.documents.document_register import DocumentReads
from ports.gateway_config.configuration_register import ConfigurationReads
from ports.gst_returns.document_period import DocumentPeriods
from ports.idempotency import IdempotencyRecords
from ports.jobs.job_runs import JobRuns
from ports.ledger.ledger_backfill import LedgerBackfill
from ports.ledger.ledger_periods import LedgerPeriods
from ports.ledger.ledger_queries import LedgerQueries
from ports.monitoring.alert_register import AlertReads
from ports.monitoring.gateway_calls import GatewayCalls
from ports.monitoring.payment_rollups import PaymentRollups
from ports.monitoring.raised_alerts import RaisedAlerts
from ports.monitoring.system_health import SystemHealth
from ports.notifications.outbox import Outbox
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.payments.enrolment_queries import EnrolmentQueries
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import Inbox
from ports.payments.order_polls import OrderPolls
from ports.payments.payment_queries import PaymentQueries
from ports.payments.payment_repository import PaymentInContext
from ports.payments.payment_search import PaymentSearch
from ports.privacy.personal_records import PersonalRecords
from ports.proof.proof_reads import ProofReads
from ports.rebuild.booked_payments import BookedPayments, DifferenceRegister
from ports.reconciliation.book_reads import BookReads
from ports.reconciliation.discrepancy_queries import DiscrepancyQueries
from ports.reconciliation.first_pass import FirstPass
from ports.reconciliation.run_export import RunExports
from ports.reconciliation.run_register import RunRegister
from ports.reconciliation.settlement_credits import SettlementCredits
from ports.refunds.refund_polls import RefundPoll
from ports.refunds.refund_queries import RefundQueries
from ports.reviews.review_queries import ReviewQueries
from ports.settlements.bank_statements import BankStatements
from ports.settlements.report_answers import ReportAnswers
from ports.settlements.settlement_files import SettlementFiles
from ports.settlements.settlement_reads import SettlementReads
from ports.sign_in.browser_sessions import BrowserSessions
from ports.sign_in.server_keys import ServerKeys
from ports.staff.encrypted_secrets import EncryptedSecrets
from ports.staff.staff_reads import StaffReads
from ports.staff.waiting_work import WaitingWorkReads
from ports.unit_of_work import UnitOfWork
from ports.webhooks.platform_endpoints import PlatformEndpoints
from ports.webhooks.webhook_deliveries import WebhookDeliveries
from ports.work_queue import WorkQueue

SECOND: Final = timedelta(seconds=1)
LEASE: Final = timedelta(minutes=2)
NO_COURSE: Final = CourseId("nothing")
BY_MIRA: Final = AuditEntry(at=NOON, origin=BY_STAFF, action="put", subject="catalogue")

Faults = type[Exception] | tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    action: str
    subject: str
    actor: str
    ip: str
    user_agent: str


class Storage(Protocol):
    """*fault* is what a write raises that only an error of ours can ask for."""

    @property
    def unit_of_work(self) -> UnitOfWork: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def queries(self) -> PaymentQueries: ...
    @property
    def audit_reads(self) -> AuditReads: ...
    @property
    def sealed_log(self) -> SealedLog: ...
    @property
    def sealed_spans(self) -> SealedSpans: ...
    @property
    def archive_register(self) -> ArchiveRegister: ...
    @property
    def record_archive(self) -> RecordArchive: ...
    @property
    def restored_months(self) -> RestoredMonths: ...
    @property
    def search(self) -> PaymentSearch: ...
    @property
    def order_polls(self) -> OrderPolls: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def job_runs(self) -> JobRuns: ...
    @property
    def documents(self) -> DocumentReads: ...
    @property
    def filed(self) -> FiledDocuments: ...
    @property
    def refund_polls(self) -> WorkQueue[RefundPoll]: ...
    @property
    def refunds(self) -> RefundQueries: ...
    @property
    def reviews(self) -> ReviewQueries: ...
    @property
    def staff(self) -> StaffReads: ...
    @property
    def configurations(self) -> ConfigurationReads: ...
    @property
    def secrets(self) -> EncryptedSecrets: ...
    @property
    def waiting_work(self) -> WaitingWorkReads: ...
    @property
    def periods(self) -> DocumentPeriods: ...
    @property
    def browser_sessions(self) -> BrowserSessions: ...
    @property
    def enrolments(self) -> EnrolmentQueries: ...
    @property
    def server_keys(self) -> ServerKeys: ...
    @property
    def books(self) -> BookReads: ...
    @property
    def first_pass(self) -> FirstPass: ...
    @property
    def discrepancies(self) -> DiscrepancyQueries: ...
    @property
    def runs(self) -> RunRegister: ...
    @property
    def run_exports(self) -> RunExports: ...
    @property
    def credits(self) -> SettlementCredits: ...
    @property
    def ledger(self) -> LedgerQueries: ...
    @property
    def ledger_periods(self) -> LedgerPeriods: ...
    @property
    def ledger_backfill(self) -> LedgerBackfill: ...
    @property
    def payment_rollups(self) -> PaymentRollups: ...
    @property
    def alerts(self) -> AlertReads: ...
    @property
    def gateway_calls(self) -> GatewayCalls: ...
    @property
    def raised_alerts(self) -> RaisedAlerts: ...
    @property
    def system_health(self) -> SystemHealth: ...
    @property
    def settlement_files(self) -> SettlementFiles: ...
    @property
    def settlement_reads(self) -> SettlementReads: ...
    @property
    def report_answers(self) -> ReportAnswers: ...
    @property
    def bank_statements(self) -> BankStatements: ...
    @property
    def endpoints(self) -> PlatformEndpoints: ...
    @property
    def deliveries(self) -> WebhookDeliveries: ...
    @property
    def idempotency_records(self) -> IdempotencyRecords: ...

    @property
    def personal_records(self) -> PersonalRecords: ...

    @property
    def proof_reads(self) -> ProofReads: ...
    @property
    def booked_payments(self) -> BookedPayments: ...
    @property
    def differences(self) -> DifferenceRegister: ...
    @property
    def fault(self) -> Faults: ...

    async def audit_lines(self) -> list[AuditLine]: ...

    async def expected_paise(self) -> int:
        """Return the sum of all expectations."""
        ...

    async def unlist_steps(self) -> None:
        """Take what is listed to be counted off the list, as if the audit log were older than figures."""
        ...

    async def age_archive(self, by: timedelta) -> None:
        """Let the archived months be verified so much earlier."""
        ...

    async def restored(self) -> Mapping[int, Mapping[str, object]]:
        """Return the lines that are restored, by their indices."""
        ...

    async def forget_expectations(self) -> None:
        """Take away what a release without expectations would not have written."""
        ...


async def add(storage: Storage, *payments: Payment) -> None:
    for payment in payments:
        async with storage.unit_of_work() as work:
            work.payments.repository.add(payment)


async def save(storage: Storage, payment: Payment) -> None:
    async with storage.unit_of_work() as work:
        work.payments.repository.save(payment, NOTED)


async def get(storage: Storage, payment: PaymentId) -> PaymentInContext:
    async with storage.unit_of_work() as work:
        return await work.payments.repository.get_in_context(payment)


async def enrol(storage: Storage, payment: Payment, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.payments.enrolments.enrol(payment, at)


async def put_course(storage: Storage, course: Course) -> None:
    await storage.catalogue.replace_courses([course], BY_MIRA)


async def put_code(storage: Storage, discount: DiscountCode) -> None:
    await storage.catalogue.replace_discounts([discount], BY_MIRA)


async def facts(storage: Storage, question: CheckoutQuery) -> CheckoutFacts:
    async with storage.unit_of_work() as work:
        return await work.payments.checkout_facts.read(question)


async def uses(storage: Storage, code: str, student: Student = ASHA) -> DiscountUses:
    question = CheckoutQuery(unsold_since=NOON, student=student.id, course=NO_COURSE, code=code)
    return (await facts(storage, question)).uses


def event(name: str = "one", *, order: str = "SK", only_sale: bool = False) -> GatewayEvent:
    return GatewayEvent(
        id=f"event-{name}",
        name="ORDER_SUCCEEDED",
        order=order,
        status="CHARGED",
        status_id=21,
        body_sha256="0" * 64,
        only_sale=only_sale,
    )
