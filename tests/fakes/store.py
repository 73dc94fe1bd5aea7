"""Everything the business keeps, in dicts: what a database would hold, with the same seat belts."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Final, Self

from domain.audit.archive_manifest import SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_manifest import RecordMonth
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from domain.documents.tax_document import RegisteredDocument
from domain.gateway_config.configuration_version import ConfigurationVersion
from domain.identifiers import DiscrepancyId, PaymentId, RefundId, StudentId
from domain.jobs.job import JobRun, JobState
from domain.money import ZERO, Money
from domain.monitoring.alert_case import AlertCase
from domain.monitoring.alert_rules import AlertRule
from domain.payments.basis import Basis, KeptBasis
from domain.payments.client_reference import ClientReference, ReferencedPurchase
from domain.payments.payment import Payment
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.expectation import Expectation
from domain.reconciliation.payout import CreditPart
from domain.reconciliation.reported import LineRef
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.reconciliation.run import Run, RunId
from domain.settlements.line_warning import RejectedRow
from domain.settlements.settlement_report import FileOrigin
from domain.sign_in.browser_session import BrowserSession, SessionId
from domain.sign_in.server_key import ServerKey, ServerKeyId
from domain.staff.staff_member import StaffId, StaffMember
from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint
from domain.webhooks.webhook_event import WebhookEvent
from fakes.settlements.stored import EntryRow, FileRow, LineRow, ReportRow
from ports.alerts import AlertKind
from ports.audit.sealed_log import NewLeaf, SealState
from ports.audit_log import AuditEntry
from ports.documents.document_files import Filing
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash
from ports.idempotency import IdempotencyKey, IdempotencyRecord
from ports.ledger.ledger_queries import PostedJournal
from ports.monitoring.gateway_calls import TimedCall
from ports.monitoring.raised_alerts import RaisedAlert
from ports.notifications.outbox import OutboxTask
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import EntryState
from ports.rebuild.booked_payments import KnownDifference
from ports.settlements.bank_statements import StoredStatement
from ports.settlements.report_answers import KeptAnswer


class FaultOfOurs(Exception):
    """A write that no honest course of events leads to; a database's own rules would refuse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    student: StudentId
    course: CourseId
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class BasisRow:
    payment: PaymentId
    kept: KeptBasis
    at: datetime
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    due_at: datetime
    state: str
    attempts: int = 0
    generation: int = 0
    lease_until: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow(QueueRow):
    event: GatewayEvent
    received_at: datetime
    state: str = EntryState.NEW
    copies: int = 1
    closed_at: datetime | None = None
    dismissed_at: datetime | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it was refused, and nobody has dismissed it."""
        return self.state == EntryState.REFUSED and self.dismissed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow(QueueRow):
    task: OutboxTask
    payment: PaymentId
    subject: str
    state: str = "new"
    closed_at: datetime | None = None
    text_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow(QueueRow):
    endpoint: EndpointId
    event_id: str
    event: WebhookEvent
    state: str = "new"
    took_ms: int | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPollRow(QueueRow):
    student: StudentId
    since: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPollRow(QueueRow):
    since: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSessionRow:
    session: BrowserSession
    token_sha256: str | None
    ended_at: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and self.session.is_live(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPass:
    due_at: datetime
    after: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationRow:
    expected: Expectation
    settled_by: LineRef | None = None
    settled: Money = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    run: Run
    nth: int | None = None
    lease_until: datetime | None = None


@dataclass(slots=True)
class Store:
    """Rows are frozen, so a shallow copy is a snapshot."""

    payments: dict[PaymentId, Payment] = field(default_factory=dict)
    asked_at: dict[PaymentId, datetime] = field(default_factory=dict)
    order_polls: dict[PaymentId, OrderPollRow] = field(default_factory=dict)
    enrolments: dict[PaymentId, Enrolment] = field(default_factory=dict)
    courses: dict[CourseId, Course] = field(default_factory=dict)
    discounts: dict[str, DiscountCode] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    uses_by_student: dict[tuple[str, StudentId], int] = field(default_factory=dict)
    idempotency: dict[IdempotencyKey, IdempotencyRecord] = field(default_factory=dict)
    inbox: dict[int, InboxRow] = field(default_factory=dict)
    outbox: dict[int, OutboxRow] = field(default_factory=dict)
    webhook_endpoints: dict[EndpointId, PlatformEndpoint] = field(default_factory=dict)
    webhook_deliveries: dict[int, DeliveryRow] = field(default_factory=dict)
    documents: list[RegisteredDocument] = field(default_factory=list)
    filings: dict[tuple[str, str, Copy], tuple[Filing, ...]] = field(default_factory=dict)
    document_numbers: dict[tuple[str, str, int], int] = field(default_factory=dict)
    staff: dict[StaffId, StaffMember] = field(default_factory=dict)
    refund_polls: dict[tuple[PaymentId, RefundId], RefundPollRow] = field(default_factory=dict)
    browser_sessions: dict[SessionId, BrowserSessionRow] = field(default_factory=dict)
    server_keys: dict[ServerKeyId, ServerKey] = field(default_factory=dict)
    journals: dict[int, PostedJournal] = field(default_factory=dict)
    expectations: dict[tuple[PaymentId, str], ExpectationRow] = field(default_factory=dict)
    runs: dict[RunId, RunRow] = field(default_factory=dict)
    credits: dict[tuple[str, str], CreditPart] = field(default_factory=dict)
    closed_through: list[date] = field(default_factory=list)
    backfill: dict[int, BackfillPass] = field(default_factory=dict)
    discrepancies: dict[DiscrepancyId, Discrepancy] = field(default_factory=dict)
    settlement_files: dict[FileHash, FileRow] = field(default_factory=dict)
    settlement_lines: dict[LineRef, LineRow] = field(default_factory=dict)
    settlements: dict[tuple[FileHash, str], ReportRow] = field(default_factory=dict)
    rejected_rows: dict[LineRef, RejectedRow] = field(default_factory=dict)
    bank_statements: dict[tuple[FileHash, int], StoredStatement] = field(default_factory=dict)
    bank_entries: dict[str, EntryRow] = field(default_factory=dict)
    resolutions: dict[tuple[DiscrepancyId, int], DiscrepancyResolution] = field(
        default_factory=dict
    )
    report_answers: dict[tuple[date, str, FileOrigin], KeptAnswer] = field(default_factory=dict)
    configurations: dict[int, ConfigurationVersion] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    seals: list[tuple[SealState, list[NewLeaf]]] = field(default_factory=list)
    sealed_at: list[datetime] = field(default_factory=list)
    """When each of the seals was made."""
    archived_months: dict[ArchiveMonth, SealedMonth] = field(default_factory=dict)
    noted_subjects: set[tuple[str, ArchiveMonth]] = field(default_factory=set)
    """What entries of archived months are about; "" stands for all of a month."""
    archived_records: dict[tuple[RecordKind, ArchiveMonth], RecordMonth] = field(
        default_factory=dict
    )
    archived_payments: set[tuple[PaymentId, RecordKind, ArchiveMonth]] = field(default_factory=set)
    restored_records: dict[tuple[RecordKind, int], tuple[ArchiveMonth, bytes]] = field(
        default_factory=dict
    )
    dropped_entries: set[int] = field(default_factory=set)
    """Numbers of entries of the audit log that have left it."""
    restored_lines: dict[int, tuple[ArchiveMonth, bytes]] = field(default_factory=dict)
    legal_holds: set[PaymentId] = field(default_factory=set)
    bases: list[BasisRow] = field(default_factory=list)
    differences: dict[PaymentId, KnownDifference] = field(default_factory=dict)
    job_runs: set[tuple[str, datetime]] = field(default_factory=set)
    alert_cases: dict[tuple[AlertRule, str], AlertCase] = field(default_factory=dict)
    raised_alerts: dict[tuple[AlertKind, str], RaisedAlert] = field(default_factory=dict)
    gateway_calls: list[tuple[datetime, dict[TimedCall, int]]] = field(default_factory=list)
    counted_steps: frozenset[int] = frozenset()
    earlier_steps: tuple[int, int] = (0, 0)
    """Of the entries of the audit log before the second number those up to the first are counted."""
    job_states: dict[str, JobState] = field(default_factory=dict)
    job_generations: dict[str, int] = field(default_factory=dict)
    job_history: list[JobRun] = field(default_factory=list)

    def apply(self, changes: "list[Change]") -> None:
        """
        Make all *changes* or none.

        Nothing is awaited here, so no other task sees half of it: that is the lock.
        """
        tried = self.copied()
        for change in changes:
            change(tried)
        self.take(tried)

    def take(self, tried: Self) -> None:
        """Hold from now on what *tried* holds."""
        for name in _NAMES:
            setattr(self, name, getattr(tried, name))

    def owner(self, student: StudentId, course: CourseId) -> PaymentId | None:
        """Return the payment whose enrolment opens *course* to *student*."""
        return next(
            (
                payment
                for payment, place in self.enrolments.items()
                if (place.student, place.course, place.until) == (student, course, None)
            ),
            None,
        )

    def referenced(self, text: str) -> ReferencedPurchase | None:
        """Return what bears the reference, by its first payment; None for nothing."""
        bearers = [
            each
            for each in self.payments.values()
            if each.client_reference is not None and each.client_reference.text == text
        ]
        for each in bearers:
            if each.client_reference == ClientReference(text):
                return ReferencedPurchase(
                    first=each.id,
                    student=each.student.id,
                    course=each.course,
                    sold=any(bearer.state.is_sold for bearer in bearers),
                )
        return None

    def live(self, student: StudentId, course: CourseId) -> Payment | None:
        return next(
            (
                payment
                for payment in self.payments.values()
                if payment.state.is_live
                and (payment.student.id, payment.course) == (student, course)
            ),
            None,
        )

    def keep(self, payment: PaymentId, version: int, basis: Basis) -> None:
        """Keep what the *version* of the payment was decided on."""
        number = self.bases[-1].number + 1 if self.bases else 1
        self.bases.append(BasisRow(payment, KeptBasis(version, basis), basis.at, number))

    def copied(self) -> Self:
        return type(self)(*(_copied(getattr(self, name)) for name in _NAMES))


_NAMES: Final = tuple(each.name for each in fields(Store))


def _copied(rows: Any) -> Any:
    """Return a shallow copy; that of a plain collection is much faster than what ``copy`` does."""
    return rows.copy() if type(rows) in {dict, list, set} else copy(rows)


Change = Callable[[Store], object]
