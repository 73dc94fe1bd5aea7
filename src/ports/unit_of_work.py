"""The unit of work: it reads, and at its end writes all that was collected in one transaction, or nothing."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.errors import DomainError
from ports.audit_log import AuditWrites
from ports.catalogue.discount_book import DiscountBook
from ports.documents.document_files import FilingWrites
from ports.documents.document_register import DocumentRegister
from ports.gateway_config.configuration_register import ConfigurationRegister
from ports.idempotency import IdempotencyWrites
from ports.jobs.job_runs import JobWrites
from ports.ledger.journal_writes import JournalWrites
from ports.monitoring.alert_register import AlertWrites
from ports.notifications.outbox import OutboxWrites
from ports.payments.checkout_facts import CheckoutReads
from ports.payments.enrolment_register import EnrolmentRegister
from ports.payments.inbox import InboxWrites
from ports.payments.order_polls import OrderPollWrites
from ports.payments.payment_repository import PaymentRepository
from ports.reconciliation.discrepancy_register import DiscrepancyRegister
from ports.reconciliation.expectation_register import ExpectationRegister
from ports.reconciliation.resolution_register import ResolutionRegister
from ports.reconciliation.run_register import RunWrites
from ports.reconciliation.settlement_credits import SettlementCreditWrites
from ports.refunds.refund_polls import RefundPollWrites
from ports.settlements.bank_entry_writes import BankEntryWrites
from ports.settlements.settlement_reads import SettlementWrites
from ports.sign_in.server_keys import ServerKeyWrites
from ports.staff.staff_register import StaffRegister
from ports.webhooks.platform_endpoints import PlatformEndpointWrites
from ports.webhooks.webhook_deliveries import DeliveryWrites


class StorageUnavailable(DomainError):
    """The database cannot be reached or did not answer in time; whether a write took effect is not known."""


class CatalogueWork(Protocol):
    @property
    def discounts(self) -> DiscountBook: ...


class PaymentsWork(Protocol):
    @property
    def repository(self) -> PaymentRepository: ...
    @property
    def checkout_facts(self) -> CheckoutReads: ...
    @property
    def enrolments(self) -> EnrolmentRegister: ...
    @property
    def polls(self) -> OrderPollWrites: ...
    @property
    def inbox(self) -> InboxWrites: ...


class RefundsWork(Protocol):
    @property
    def polls(self) -> RefundPollWrites: ...


class DocumentsWork(Protocol):
    @property
    def register(self) -> DocumentRegister: ...
    @property
    def filings(self) -> FilingWrites: ...


class LedgerWork(Protocol):
    @property
    def journals(self) -> JournalWrites: ...


class ReconciliationWork(Protocol):
    @property
    def discrepancies(self) -> DiscrepancyRegister: ...
    @property
    def expectations(self) -> ExpectationRegister: ...
    @property
    def credits(self) -> SettlementCreditWrites: ...
    @property
    def runs(self) -> RunWrites: ...
    @property
    def resolutions(self) -> ResolutionRegister: ...


class SettlementsWork(Protocol):
    @property
    def reports(self) -> SettlementWrites: ...
    @property
    def bank_entries(self) -> BankEntryWrites: ...


class MonitoringWork(Protocol):
    @property
    def alerts(self) -> AlertWrites: ...


class NotificationsWork(Protocol):
    @property
    def outbox(self) -> OutboxWrites: ...


class SignInWork(Protocol):
    @property
    def server_keys(self) -> ServerKeyWrites: ...


class StaffWork(Protocol):
    @property
    def register(self) -> StaffRegister: ...


class GatewayConfigWork(Protocol):
    @property
    def versions(self) -> ConfigurationRegister: ...


class WebhooksWork(Protocol):
    @property
    def endpoints(self) -> PlatformEndpointWrites: ...
    @property
    def deliveries(self) -> DeliveryWrites: ...


class JobsWork(Protocol):
    @property
    def runs(self) -> JobWrites: ...


class Work(Protocol):
    """
    One unit of work. Reads return at once; writes are collected and applied when the unit ends.

    Its members are grouped by the packages of ``ports``.
    """

    @property
    def catalogue(self) -> CatalogueWork: ...
    @property
    def payments(self) -> PaymentsWork: ...
    @property
    def refunds(self) -> RefundsWork: ...
    @property
    def documents(self) -> DocumentsWork: ...
    @property
    def ledger(self) -> LedgerWork: ...
    @property
    def reconciliation(self) -> ReconciliationWork: ...
    @property
    def settlements(self) -> SettlementsWork: ...
    @property
    def monitoring(self) -> MonitoringWork: ...
    @property
    def notifications(self) -> NotificationsWork: ...
    @property
    def sign_in(self) -> SignInWork: ...
    @property
    def staff(self) -> StaffWork: ...
    @property
    def gateway_config(self) -> GatewayConfigWork: ...
    @property
    def jobs(self) -> JobsWork: ...
    @property
    def webhooks(self) -> WebhooksWork: ...
    @property
    def idempotency(self) -> IdempotencyWrites: ...
    @property
    def audit(self) -> AuditWrites: ...


class UnitOfWork(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[Work]:
        """
        Begin a unit: ``async with unit_of_work() as work``.

        When the block ends without an error, everything collected is applied in one transaction; when
        it raises, nothing is. Leaving the block raises ``ChangedMeanwhile`` when something that the unit
        read has changed since, and ``StorageUnavailable`` when the database did not answer. The bank
        must not be called inside the block.
        """
        ...
