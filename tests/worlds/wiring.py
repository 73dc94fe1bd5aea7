"""Production's container with the parts that a world of tests brings along: the one place that replaces them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Self

from dependency_injector import providers

from application.order_status.read_order import ReadOrder
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk, build
from entrypoints.wiring.use_cases.use_cases import UseCases
from fakes.memory import Memory
from ports.payments.gateway_messages import GatewayMessages
from ports.payments.payment_gateway import PaymentGateway

Singletons = Sequence["providers.BaseSingleton[Any]"]

_SPARE: Final[list[tuple[Shulk, Singletons]]] = []


@dataclass(slots=True)
class Wiring:
    """
    A container of which single parts are replaced, for the life of a world.

    To lay out a container takes longer than to make its parts. So one that a world gave back serves the next world.
    To look for its *singletons* takes longer than all else that a world does, so they are kept with it.
    """

    container: Shulk
    singletons: Singletons
    _replaced: list[providers.Provider[Any]] = field(default_factory=list)
    _used: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the wiring of production by *settings*; nothing is replaced and nothing connected yet."""
        wiring = cls(*(_SPARE.pop() if _SPARE else _built(settings)))
        wiring.replace((wiring.container.settings, settings))
        return wiring

    @property
    def use_cases(self) -> UseCases:
        self._used = True
        return self.container.use_cases()

    def replace(self, *parts: tuple[providers.Provider[Any], object]) -> None:
        """Put each part in the place of what its provider makes; use cases made before are made anew."""
        for provider, part in parts:
            provider.override(providers.Object(part))
            self._replaced.append(provider)
        if self._used:
            self._forget()

    def keep_in(self, memory: Memory) -> None:
        """Let *memory* be the storage; no database is left to be asked."""
        storage = self.container.storage
        self.replace(
            (storage.unit_of_work, memory.unit_of_work),
            (storage.inbox, memory.inbox),
            (storage.outbox, memory.outbox),
            (storage.endpoints, memory.endpoints),
            (storage.deliveries, memory.deliveries),
            (storage.idempotency_records, memory.idempotency_records),
            (storage.payment_queries, memory.queries),
            (storage.audit_reads, memory.audit_reads),
            (storage.personal_records, memory.personal_records),
            (storage.sealed_log, memory.sealed_log),
            (storage.sealed_spans, memory.sealed_spans),
            (storage.archive_register, memory.archive_register),
            (storage.record_archive, memory.record_archive),
            (storage.restored_months, memory.restored_months),
            (storage.ledger, memory.ledger),
            (storage.payment_search, memory.search),
            (storage.order_polls, memory.order_polls),
            (storage.job_runs, memory.job_runs),
            (storage.refund_polls, memory.refund_polls),
            (storage.refund_queries, memory.refunds),
            (storage.review_queries, memory.reviews),
            (storage.discrepancies, memory.discrepancies),
            (storage.book_reads, memory.books),
            (storage.first_pass, memory.first_pass),
            (storage.catalogue, memory.catalogue),
            (storage.encrypted_secrets, memory.secrets),
            (storage.waiting_work, memory.waiting_work),
            (storage.staff, memory.staff),
            (storage.configurations, memory.configurations),
            (storage.documents, memory.documents),
            (storage.filed_documents, memory.filed),
            (storage.document_periods, memory.periods),
            (storage.browser_sessions, memory.browser_sessions),
            (storage.server_keys, memory.server_keys),
            (storage.enrolments, memory.enrolments),
            (storage.settlement_reads, memory.settlement_reads),
            (storage.settlement_files, memory.settlement_files),
            (storage.bank_statements, memory.bank_statements),
            (storage.settlement_credits, memory.credits),
            (storage.report_answers, memory.report_answers),
            (storage.reconciliation_runs, memory.runs),
            (storage.run_exports, memory.run_exports),
            (storage.payment_rollups, memory.payment_rollups),
            (storage.system_health, memory.system_health),
            (storage.alerts, memory.alerts),
            (storage.gateway_calls, memory.gateway_calls),
            (storage.raised_alerts, memory.raised_alerts),
            (storage.proof_reads, memory.proof_reads),
            (storage.booked_payments, memory.booked_payments),
            (storage.differences, memory.differences),
        )

    def send_to(
        self,
        gateway: PaymentGateway,
        messages: GatewayMessages,
        *,
        session_suspended_for: Callable[[], timedelta | None],
        read_suspended_for: Callable[[], timedelta | None],
    ) -> None:
        """Let *gateway* be the bank, as it is: without production's circuit breaker around it."""
        bank = self.container.bank
        self.replace(
            (bank.gateway, gateway),
            (bank.messages, messages),
            (bank.read_order, ReadOrder(gateway)),
            (bank.session_suspended_for, session_suspended_for),
            (bank.read_suspended_for, read_suspended_for),
        )

    def begin_anew(self) -> None:
        """Make every part anew, as a process does that starts; what was replaced stays replaced."""
        self._used = True
        self._forget()

    def give_back(self) -> None:
        """Undo every replacement, so that another world may use the container."""
        while self._replaced:
            self._replaced.pop().reset_last_overriding()
        self._forget()
        _SPARE.append((self.container, self.singletons))

    def _forget(self) -> None:
        for each in self.singletons:
            each.reset()


def _built(settings: Settings) -> tuple[Shulk, Singletons]:
    container = build(settings)
    parts: Sequence[providers.Provider[Any]] = list(container.traverse())
    for each in parts:
        # Nothing here is made by awaiting; to ask of each part whether it is takes a part of the time of a start.
        each.disable_async_mode()
    return container, list(container.traverse(types=[providers.BaseSingleton]))
