"""One unit of work in memory: reads as they come, then everything collected at once or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fakes.audit_log import MemoryAudit
from fakes.catalogue.discount_book import MemoryDiscounts
from fakes.documents.document_files import MemoryFilingWrites
from fakes.documents.document_register import MemoryDocuments
from fakes.gateway_config.configuration_register import MemoryConfigurations
from fakes.idempotency import MemoryIdempotency
from fakes.jobs.job_runs import MemoryJobWrites
from fakes.ledger.journal_writes import MemoryJournalWrites
from fakes.monitoring.alert_register import MemoryAlertWrites
from fakes.notifications.outbox import MemoryOutboxWrites
from fakes.payments.checkout_facts import MemoryCheckoutFacts
from fakes.payments.enrolment_register import MemoryEnrolments
from fakes.payments.inbox import MemoryInboxWrites
from fakes.payments.order_polls import MemoryOrderPollWrites
from fakes.payments.payment_repository import MemoryPayments
from fakes.reconciliation.discrepancy_register import MemoryDiscrepancies
from fakes.reconciliation.expectation_register import MemoryExpectations
from fakes.reconciliation.resolution_register import MemoryResolutions
from fakes.reconciliation.run_register import MemoryRunWrites
from fakes.reconciliation.settlement_credits import MemorySettlementCreditWrites
from fakes.refunds.refund_polls import MemoryRefundPollWrites
from fakes.settlements.bank_entry_writes import MemoryBankEntryWrites
from fakes.settlements.settlement_reads import MemorySettlementWrites
from fakes.sign_in.server_keys import MemoryServerKeyWrites
from fakes.staff.staff_register import MemoryStaff
from fakes.store import Change, Store
from fakes.webhooks.platform_endpoints import MemoryEndpointWrites
from fakes.webhooks.webhook_deliveries import MemoryDeliveryWrites

_inside: Final = ContextVar("inside a unit of work", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCatalogueWork:
    discounts: MemoryDiscounts


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPaymentsWork:
    repository: MemoryPayments
    checkout_facts: MemoryCheckoutFacts
    enrolments: MemoryEnrolments
    polls: MemoryOrderPollWrites
    inbox: MemoryInboxWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRefundsWork:
    polls: MemoryRefundPollWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryDocumentsWork:
    register: MemoryDocuments
    filings: MemoryFilingWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLedgerWork:
    journals: MemoryJournalWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReconciliationWork:
    discrepancies: MemoryDiscrepancies
    expectations: MemoryExpectations
    credits: MemorySettlementCreditWrites
    runs: MemoryRunWrites
    resolutions: MemoryResolutions


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettlementsWork:
    reports: MemorySettlementWrites
    bank_entries: MemoryBankEntryWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryMonitoringWork:
    alerts: MemoryAlertWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNotificationsWork:
    outbox: MemoryOutboxWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySignInWork:
    server_keys: MemoryServerKeyWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryStaffWork:
    register: MemoryStaff


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryGatewayConfigWork:
    versions: MemoryConfigurations


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryJobsWork:
    runs: MemoryJobWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWebhooksWork:
    endpoints: MemoryEndpointWrites
    deliveries: MemoryDeliveryWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWork:
    catalogue: MemoryCatalogueWork
    payments: MemoryPaymentsWork
    refunds: MemoryRefundsWork
    documents: MemoryDocumentsWork
    ledger: MemoryLedgerWork
    reconciliation: MemoryReconciliationWork
    settlements: MemorySettlementsWork
    monitoring: MemoryMonitoringWork
    notifications: MemoryNotificationsWork
    sign_in: MemorySignInWork
    staff: MemoryStaffWork
    gateway_config: MemoryGatewayConfigWork
    jobs: MemoryJobsWork
    webhooks: MemoryWebhooksWork
    idempotency: MemoryIdempotency
    audit: MemoryAudit


@dataclass(slots=True)
class MemoryUnitOfWork:
    """
    *trouble* planned by a test is raised by the units to come, in order, before they apply.
    *afterwards* happens once, as soon as the next unit has ended. *turn* lets others do something between
    deciding and applying, as a network between would.
    """

    store: Store
    gateway_failure: list[Exception] = field(default_factory=list)
    afterwards: list[Callable[[], object]] = field(default_factory=list)
    turn: Callable[[], Awaitable[object]] = field(default=partial(asyncio.sleep, 0))
    _spare: list[tuple[list[Change], MemoryWork]] = field(default_factory=list)
    """The parts of units that have ended: to make them takes longer than most units."""

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[MemoryWork]:
        changes, work = self._spare.pop() if self._spare else self._opened()
        token = _inside.set(True)
        try:
            yield work
            await self.turn()
            if self.gateway_failure:
                raise self.gateway_failure.pop(0)
            self.store.apply(changes)
        finally:
            _inside.reset(token)
            changes.clear()
            self._spare.append((changes, work))
            while self.afterwards:
                self.afterwards.pop(0)()

    def _opened(self) -> tuple[list[Change], MemoryWork]:
        changes: list[Change] = []
        return changes, _work_on(self.store, changes)


def _work_on(store: Store, changes: list[Change]) -> MemoryWork:
    return MemoryWork(
        catalogue=MemoryCatalogueWork(discounts=MemoryDiscounts(changes)),
        payments=MemoryPaymentsWork(
            repository=MemoryPayments(store, changes),
            checkout_facts=MemoryCheckoutFacts(store),
            enrolments=MemoryEnrolments(store, changes),
            polls=MemoryOrderPollWrites(changes),
            inbox=MemoryInboxWrites(changes),
        ),
        refunds=MemoryRefundsWork(polls=MemoryRefundPollWrites(changes)),
        documents=MemoryDocumentsWork(
            register=MemoryDocuments(store, changes),
            filings=MemoryFilingWrites(changes),
        ),
        ledger=MemoryLedgerWork(journals=MemoryJournalWrites(changes)),
        reconciliation=MemoryReconciliationWork(
            discrepancies=MemoryDiscrepancies(store, changes),
            expectations=MemoryExpectations(store, changes),
            credits=MemorySettlementCreditWrites(changes),
            runs=MemoryRunWrites(changes),
            resolutions=MemoryResolutions(store, changes),
        ),
        settlements=MemorySettlementsWork(
            reports=MemorySettlementWrites(changes),
            bank_entries=MemoryBankEntryWrites(changes),
        ),
        monitoring=MemoryMonitoringWork(alerts=MemoryAlertWrites(changes)),
        notifications=MemoryNotificationsWork(outbox=MemoryOutboxWrites(changes)),
        sign_in=MemorySignInWork(server_keys=MemoryServerKeyWrites(changes)),
        staff=MemoryStaffWork(register=MemoryStaff(store, changes)),
        gateway_config=MemoryGatewayConfigWork(versions=MemoryConfigurations(store, changes)),
        jobs=MemoryJobsWork(runs=MemoryJobWrites(changes)),
        webhooks=MemoryWebhooksWork(
            endpoints=MemoryEndpointWrites(changes),
            deliveries=MemoryDeliveryWrites(changes),
        ),
        idempotency=MemoryIdempotency(changes),
        audit=MemoryAudit(changes),
    )


def refuse_inside_a_unit() -> None:
    """Raise when the caller holds a unit of work open: the bank is never called inside one."""
    if _inside.get():
        raise AssertionError("the bank was called inside a unit of work")
