"""A whole school on fakes: every use case wired to memory, a bank without a network, and a clock that stands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Final

from adapters.fake.gateway import FakeGateway
from application.checkout.begin_payment import BeginPayment
from application.checkout.create_session import CreateSession
from application.checkout.initiate_payment import InitiatePayment, InitiatePaymentCommand
from application.checkout.quote_course import QuoteCourse
from application.checkout.record_refusal import RecordRefusal
from application.checkout.retry_payment import RetryPayment, RetryPaymentCommand
from application.documents.attach_document import AttachDocument
from application.documents.download_document import DownloadDocument
from application.documents.fetch_file import FetchFile
from application.documents.file_documents import FileDocuments
from application.documents.issue_credit_note import IssueCreditNote
from application.documents.issue_invoice import IssueInvoice
from application.documents.regenerate_file import RegenerateFile
from application.documents.render_file import RenderFile
from application.evidence.check_status import CheckStatus
from application.evidence.poll_orders import PollOrders
from application.evidence.process_inbox import ProcessInbox
from application.evidence.receive_callback import ReceiveCallback
from application.evidence.receive_webhook import ReceiveWebhook
from application.notifications.relay_outbox import RelayOutbox
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from domain.catalogue.course import CourseId
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder, Payment, Student
from fakes.alerts import AlertBook
from fakes.clock import StoppedClock
from fakes.documents.document_renderer import Typewriter
from fakes.documents.issued import POLICY, a_company
from fakes.file_store import Shelf
from fakes.memory import Memory
from fakes.notifications.email_sender import Mailbag
from fakes.notifications.email_texts import PlainTexts
from fakes.samples import (
    ASHA,
    ASHAS_BILL,
    BY_ASHA,
    BY_STATUS,
    LIFETIME,
    SELLER,
    a_course,
    payment_id,
)
from fakes.unit_of_work import refuse_inside_a_unit
from ports.audit_log import AuditEntry
from ports.idempotency import IdempotencyKey
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import NewOrder, RefundOrder

STATUS_INTERVAL: Final = timedelta(seconds=3)
PATIENCE: Final = timedelta(seconds=30)
CALL_MAX: Final = timedelta(seconds=90)
KEY: Final = IdempotencyKey(student=ASHA.id, route="initiate", key="k-1")


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
class MemoryWorld:
    memory: Memory = field(default_factory=Memory)
    clock: StoppedClock = field(default_factory=StoppedClock)
    mail: Mailbag = field(default_factory=Mailbag)
    alerts: AlertBook = field(default_factory=AlertBook)
    shelf: Shelf = field(default_factory=Shelf)
    typewriter: Typewriter = field(default_factory=Typewriter)
    jitter: int = 0
    gateway: WatchedGateway = field(init=False)
    read_order: ReadOrder = field(init=False)
    refresh_order: RefreshOrder = field(init=False)
    gateway_suspended_for: timedelta | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.gateway = WatchedGateway(now=self.clock.now)
        self.read_order = ReadOrder(self.gateway)
        self.refresh_order = self.asking(PATIENCE)
        self.sells()

    @property
    def apply(self) -> ApplyOrderStatus:
        return ApplyOrderStatus(self.memory.unit_of_work, self.clock)

    @property
    def create_session(self) -> CreateSession:
        return CreateSession(
            self.memory.unit_of_work, self.gateway, self.read_order, self.apply, self.clock
        )

    @property
    def begin(self) -> BeginPayment:
        return BeginPayment(
            create_session=self.create_session,
            record_refusal=RecordRefusal(self.memory.unit_of_work, self.clock),
            clock=self.clock,
            new_id=lambda: payment_id(next(self._numbers)),
            seller=SELLER,
            lifetime=LIFETIME,
            call_max=CALL_MAX,
            gateway_suspended_for=lambda: self.gateway_suspended_for,
        )

    @property
    def initiate(self) -> InitiatePayment:
        return InitiatePayment(
            unit_of_work=self.memory.unit_of_work,
            begin=self.begin,
            read_order=self.read_order,
            apply=self.apply,
            refresh_order=self.refresh_order,
        )

    @property
    def retry(self) -> RetryPayment:
        return RetryPayment(
            unit_of_work=self.memory.unit_of_work,
            begin=self.begin,
            read_order=self.read_order,
            apply=self.apply,
        )

    @property
    def quote(self) -> QuoteCourse:
        return QuoteCourse(self.memory.unit_of_work, self.clock, SELLER)

    @property
    def callback(self) -> ReceiveCallback:
        return ReceiveCallback(self.gateway, self.memory.unit_of_work, self.refresh_order)

    @property
    def webhook(self) -> ReceiveWebhook:
        return ReceiveWebhook(self.gateway, self.memory.inbox, self.clock)

    @property
    def process_inbox(self) -> ProcessInbox:
        return ProcessInbox(
            self.memory.inbox,
            self.memory.unit_of_work,
            self.read_order,
            self.apply,
            self.clock,
            CALL_MAX,
        )

    @property
    def check_status(self) -> CheckStatus:
        return CheckStatus(
            self.memory.queries,
            self.memory.order_polls,
            self.refresh_order,
            self.clock,
            STATUS_INTERVAL,
        )

    @property
    def poll(self) -> PollOrders:
        return PollOrders(
            order_polls=self.memory.order_polls,
            unit_of_work=self.memory.unit_of_work,
            read_order=self.read_order,
            apply=self.apply,
            alerts=self.alerts,
            clock=self.clock,
            jitter=lambda: self.jitter,
            lease=CALL_MAX,
        )

    @property
    def relay(self) -> RelayOutbox:
        return RelayOutbox(
            self.memory.outbox,
            self.memory.unit_of_work,
            PlainTexts(),
            self.mail,
            self.clock,
            issue_invoice=self.issue_invoice,
            issue_credit_note=self.issue_credit_note,
            file_documents=self.file_documents,
            regenerate_file=self.regenerate_file,
            attach=AttachDocument(self.memory.filed, self.fetch_file),
        )

    @property
    def render_file(self) -> RenderFile:
        return RenderFile(self.typewriter, self.shelf, self.clock)

    @property
    def file_documents(self) -> FileDocuments:
        return FileDocuments(self.memory.unit_of_work, self.memory.filed, self.render_file)

    @property
    def regenerate_file(self) -> RegenerateFile:
        return RegenerateFile(
            unit_of_work=self.memory.unit_of_work,
            filed=self.memory.filed,
            files=self.shelf,
            render_file=self.render_file,
            clock=self.clock,
        )

    @property
    def fetch_file(self) -> FetchFile:
        return FetchFile(
            files=self.shelf,
            unit_of_work=self.memory.unit_of_work,
            alerts=self.alerts,
            clock=self.clock,
        )

    @property
    def hand_over(self) -> DownloadDocument:
        return DownloadDocument(self.memory.filed, self.fetch_file)

    @property
    def issue_invoice(self) -> IssueInvoice:
        return IssueInvoice(self.memory.unit_of_work, self.clock, a_company(), POLICY)

    @property
    def issue_credit_note(self) -> IssueCreditNote:
        return IssueCreditNote(
            self.memory.unit_of_work, self.clock, a_company(), POLICY, self.issue_invoice
        )

    def asking(self, circuit_policy: timedelta) -> RefreshOrder:
        """Return questions to the bank whose askers go on after *patience*."""
        return RefreshOrder(self.read_order, self.apply, circuit_policy)

    def sells(self, name: str = "algebra", *, rupees: int = 1180, active: bool = True) -> None:
        course = a_course(name, rupees=rupees, active=active)
        self.memory.store.courses[course.id] = course

    def offers(self, discount: DiscountCode) -> None:
        self.memory.store.discounts[discount.code] = discount

    async def opens(
        self,
        student: Student = ASHA,
        *,
        course: str = "algebra",
        code: str | None = None,
        key: IdempotencyKey | None = None,
        body: str = "a",
    ) -> Payment:
        """Return the payment that *student* opened."""
        return await self.initiate(
            InitiatePaymentCommand(
                student=student,
                course=CourseId(course),
                buyer=ASHAS_BILL,
                code=code,
                key=key,
                body_sha256=body * 64,
                origin=BY_ASHA,
            )
        )

    async def retries(
        self,
        payment: PaymentId,
        student: Student = ASHA,
        *,
        key: IdempotencyKey | None = None,
        body: str = "r",
    ) -> Payment:
        """Return the payment by which *student* tries *payment* again."""
        return await self.retry(retry_of(payment, student, key=key, body=body))

    async def asks(self, payment: PaymentId) -> Payment:
        """Return the payment after its student asked how it stands."""
        await self.check_status(payment, self.payment(payment).student.id, BY_STATUS)
        return self.payment(payment)

    async def comes_back(self, payment: PaymentId) -> Payment:
        """Return the payment after its student came back from the bank's page."""
        await self.callback(self.gateway.return_fields(payment), BY_STATUS)
        return self.payment(payment)

    async def hears(self, payment: PaymentId, name: str = "ORDER_UPDATED") -> Payment:
        """Return the payment after the bank's webhook about it was worked through."""
        await self.webhook(*self.gateway.event(payment, name))
        await self.process_inbox()
        return self.payment(payment)

    def payment(self, payment: PaymentId) -> Payment:
        return self.memory.store.payments[payment]

    def uses(self, code: str = "TEN", student: Student = ASHA) -> DiscountUses:
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
