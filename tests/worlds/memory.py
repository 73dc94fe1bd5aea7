"""The world in memory: production's use cases on fakes, a bank without a network, and a stopped clock."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, Final

from adapters.fake.gateway import FakeGateway
from application.checkout.initiate_payment import InitiatePaymentCommand
from application.checkout.retry_payment import RetryPaymentCommand
from domain.catalogue.course import CourseId
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.catalogue.expected_quote import ANY_QUOTE, ExpectedQuote
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.payments.client_reference import ClientReference
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder, Payment, Student
from domain.payments.refund import Refund
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway import call_max
from fakes.alerts import AlertBook
from fakes.clock import StoppedClock
from fakes.documents.document_renderer import Typewriter
from fakes.documents.issued import a_company
from fakes.file_store import Shelf
from fakes.memory import Memory
from fakes.notifications.email_sender import Mailbag
from fakes.notifications.email_texts import PlainTexts
from fakes.notifications.webhooks import HookBook
from fakes.samples import (
    ASHA,
    ASHAS_BILL,
    BY_ASHA,
    BY_STATUS,
    a_course,
    payment_id,
    refund_id,
)
from fakes.unit_of_work import refuse_inside_a_unit
from ports.audit_log import AuditEntry
from ports.idempotency import IdempotencyKey
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import NewOrder, RefundOrder
from worlds.settings import settings_of
from worlds.wired_world import WiredWorld
from worlds.wiring import Wiring

SETTINGS: Final = settings_of(
    a_company(),
    gateway_read_timeout_seconds="15",
    refund_approval_threshold_rupees="1000000",
)
STATUS_INTERVAL: Final = SETTINGS.status_read_interval
CALL_MAX: Final = call_max(SETTINGS)
KEY: Final = IdempotencyKey(student=ASHA.id, route="initiate", key="k-1")


def purchase(
    student: Student = ASHA,
    *,
    course: str = "algebra",
    code: str | None = None,
    key: IdempotencyKey | None = None,
    body: str = "a",
    expected: ExpectedQuote = ANY_QUOTE,
    reference: str | None = None,
    consent: str | None = None,
) -> InitiatePaymentCommand:
    """Return the request of *student* for a payment."""
    return InitiatePaymentCommand(
        student=student,
        course=CourseId(course),
        buyer=ASHAS_BILL,
        code=code,
        key=key,
        body_sha256=body * 64,
        origin=BY_ASHA,
        expected=expected,
        client_reference=ClientReference(reference) if reference else None,
        consent=consent,
    )


def retry_of(
    payment: PaymentId,
    student: Student = ASHA,
    *,
    key: IdempotencyKey | None = None,
    body: str = "r",
) -> RetryPaymentCommand:
    """Return *student*'s wish to try *payment* again."""
    return RetryPaymentCommand(
        payment=payment, student=student.id, key=key, body_sha256=body * 64, origin=BY_ASHA
    )


@dataclass(slots=True, kw_only=True)
class WatchedGateway(FakeGateway):
    """
    Refuses to be called inside a unit. *meanwhile* happens between the bank's deed, or its refusal,
    and its answer. While *silence* is given, a status read has no answer until it is set.
    """

    guard: Callable[[], None] = refuse_inside_a_unit
    meanwhile: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    silence: asyncio.Event | None = None
    meanwhile_reading: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    """Happens between the bank's answer to a status read and our hearing it."""

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        try:
            return await FakeGateway.create_session(self, order)
        finally:
            while self.meanwhile:
                await self.meanwhile.pop(0)()

    async def refund(self, order: RefundOrder) -> OrderFacts:
        try:
            return await FakeGateway.refund(self, order)
        finally:
            while self.meanwhile:
                await self.meanwhile.pop(0)()

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        if self.silence is not None:
            await self.silence.wait()
        facts = await FakeGateway.read_order(self, payment, student)
        while self.meanwhile_reading:
            await self.meanwhile_reading.pop(0)()
        return facts


@dataclass(slots=True)
class MemoryWorld(WiredWorld):
    """
    One process of ours: production's use cases, storage in memory, and a gateway that tests direct.

    *jitter* and *gateway_suspended_for* may be changed at any time. Unless it is closed, the next world is
    slower to make.
    """

    settings: Settings = SETTINGS
    memory: Memory = field(default_factory=Memory)
    clock: StoppedClock = field(default_factory=StoppedClock)
    mail: Mailbag = field(default_factory=Mailbag)
    alerts: AlertBook = field(default_factory=AlertBook)
    hooks: HookBook = field(default_factory=HookBook)
    shelf: Shelf = field(default_factory=Shelf)
    typewriter: Typewriter = field(default_factory=Typewriter)
    jitter: int = 0
    gateway_suspended_for: timedelta | None = None
    gateway: WatchedGateway = field(init=False)
    wiring: Wiring = field(init=False)
    _payments: Iterator[int] = field(default_factory=lambda: count(1))
    _refunds: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.gateway = WatchedGateway(now=self.clock.now)
        self.wiring = Wiring.of(self.settings)
        self.wiring.keep_in(self.memory)
        self.wiring.send_to(
            self.gateway,
            self.gateway,
            session_suspended_for=lambda: self.gateway_suspended_for,
            read_suspended_for=lambda: None,
        )
        parts = self.wiring.container
        self.wiring.replace(
            (parts.clock, self.clock),
            (parts.new_payment_id, lambda: payment_id(next(self._payments))),
            (parts.new_refund_id, lambda: refund_id(next(self._refunds))),
            (parts.jitter, lambda: self.jitter),
            (parts.files, self.shelf),
            (parts.renderer, self.typewriter),
            (parts.alerts, self.alerts),
            (parts.webhooks, self.hooks),
            (parts.texts, PlainTexts()),
            (parts.sender, self.mail),
        )
        self.add_course()

    def close(self) -> None:
        """Lend the container to the next world."""
        self.wiring.give_back()

    def add_course(self, name: str = "algebra", *, rupees: int = 1180, active: bool = True) -> None:
        course = a_course(name, rupees=rupees, active=active)
        self.memory.store.courses[course.id] = course

    def add_code(self, discount: DiscountCode) -> None:
        self.memory.store.discounts[discount.code] = discount

    async def begin_payment(self, student: Student = ASHA, **wish: Any) -> Payment:
        """Return the payment that *student* began; *wish* as for ``purchase``."""
        return await self.initiate(purchase(student, **wish))

    async def retry_payment(
        self,
        payment: PaymentId,
        student: Student = ASHA,
        *,
        key: IdempotencyKey | None = None,
        body: str = "r",
    ) -> Payment:
        """Return the payment by which *student* tries *payment* again."""
        return await self.retry(retry_of(payment, student, key=key, body=body))

    async def ask_status(self, payment: PaymentId) -> Payment:
        """Return the payment after its student asked for its status."""
        await self.check_status(payment, self.payment(payment).student.id, BY_STATUS)
        return self.payment(payment)

    async def deliver_callback(self, payment: PaymentId) -> Payment:
        """Return the payment after its student came back from the bank's page."""
        await self.receive_callback(self.gateway.return_fields(payment), BY_STATUS)
        return self.payment(payment)

    async def deliver_webhook(self, payment: PaymentId, name: str = "ORDER_UPDATED") -> Payment:
        """Return the payment after the bank's webhook about it was worked through."""
        await self.receive_webhook(*self.gateway.event(payment, name))
        await self.process_inbox()
        return self.payment(payment)

    async def paid_payment(self) -> Payment:
        """Return a payment that was charged; its email is due."""
        payment = await self.begin_payment()
        self.gateway.pay(payment.id)
        return await self.deliver_webhook(payment.id)

    def payment(self, payment: PaymentId) -> Payment:
        return self.memory.store.payments[payment]

    def refund(self, payment: PaymentId, refund: RefundId) -> Refund:
        return self.payment(payment).refunds.get(refund)

    def code_uses(self, code: str = "TEN", student: Student = ASHA) -> DiscountUses:
        store = self.memory.store
        return DiscountUses(
            total=store.uses.get(code, 0),
            by_student=store.uses_by_student.get((code, student.id), 0),
        )

    @property
    def dead_letters(self) -> list[OutboxTask]:
        """All that sales and refunds left in the outbox; a failure that may be told is no part of them."""
        found = [row.task for row in self.memory.store.outbox.values()]
        return [task for task in found if task is not OutboxTask.PAYMENT_FAILURE]

    def audited(self, action: str) -> list[AuditEntry]:
        return [entry for entry in self.memory.store.audit if entry.action == action]
