"""The whole application as one process has it: every use case, on one database, before one bank."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

from adapters.breaker.gateway import CircuitBreakerGateway
from adapters.fake.gateway import FakeGateway
from adapters.postgres.catalogue.catalogue import PostgresCatalogue
from adapters.postgres.engine.database import Database
from adapters.postgres.payments.payment_queries import PostgresPaymentQueries
from adapters.postgres.queues.inbox import PostgresInbox
from adapters.postgres.queues.order_polls import PostgresOrderPolls
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.catalogue.replace_catalogue import ReplaceCourses, ReplaceDiscounts
from application.checkout.begin_payment import BeginPayment
from application.checkout.create_session import CreateSession
from application.checkout.initiate_payment import InitiatePayment, InitiatePaymentCommand
from application.checkout.record_refusal import RecordRefusal
from application.checkout.retry_payment import RetryPayment, RetryPaymentCommand
from application.evidence.check_status import CheckStatus
from application.evidence.poll_orders import PollOrders
from application.evidence.process_inbox import ProcessInbox
from application.evidence.receive_callback import ReceiveCallback
from application.evidence.receive_webhook import ReceiveWebhook
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Percent
from domain.identifiers import PAYMENT_ID_CHARS, PAYMENT_ID_RANDOM_CHARS, PaymentId, StudentId
from domain.money import Money
from domain.payments.payment import LAPSE_GRACE_MAX, Student
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.indian_states import indian_state
from fakes.alerts import AlertBook
from ports.audit_log import Origin, Source
from ports.idempotency import IdempotencyKey
from ports.payments.payment_gateway import GatewayOperation, PaymentGateway
from ports.unit_of_work import UnitOfWork

NOON: Final = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
LIFETIME: Final = timedelta(minutes=15)
LAPSE: Final = LIFETIME + LAPSE_GRACE_MAX
LEAST_INTERVAL: Final = timedelta(seconds=3)
PATIENCE: Final = timedelta(seconds=60)
CALL_MAX: Final = timedelta(seconds=90)
KARNATAKA: Final = indian_state("29")
COURSE: Final = Course(
    id=CourseId("algebra"),
    title="Algebra from the beginning",
    list_price=Money(11_800_00),
    price_mode=PriceMode.INCLUSIVE,
    sac="999293",
    gst_rate=GstRate(Decimal(18)),
)
CODE: Final = "EARLY10"
BY_STAFF: Final = Origin(actor="staff:meera", source=Source.ADMIN)
BY_CALLBACK: Final = Origin(actor="bank", source=Source.CALLBACK)


def student(name: str) -> Student:
    return Student(id=StudentId(name.lower()), name=name, email=f"{name.lower()}@example.com")


ASHA: Final = student("Asha")
RAVI: Final = student("Ravi")


def code(limit: int | None = None, percent: int = 10) -> DiscountCode:
    return DiscountCode(code=CODE, kind=Percent(Decimal(percent)), total_limit=limit)


def new_payment_id() -> PaymentId:
    drawn = "".join(secrets.choice(PAYMENT_ID_CHARS) for _ in range(PAYMENT_ID_RANDOM_CHARS))
    return PaymentId(f"SK{drawn}")


def wanted(
    who: Student = ASHA,
    *,
    course: CourseId = COURSE.id,
    code: str | None = None,
    key: str | None = None,
) -> InitiatePaymentCommand:
    """Return what *who* asks for; the same words have the same digest."""
    words = f"{who.id} {course} {code}"
    return InitiatePaymentCommand(
        student=who,
        course=course,
        buyer=Buyer(name=who.name, state=KARNATAKA),
        code=code,
        key=IdempotencyKey(student=who.id, route="initiate", key=key) if key else None,
        body_sha256=hashlib.sha256(words.encode()).hexdigest(),
        origin=origin(who),
    )


def again(
    payment: PaymentId, who: Student = ASHA, *, key: str | None = None
) -> RetryPaymentCommand:
    """Return *who*'s wish to try *payment* again."""
    return RetryPaymentCommand(
        payment=payment,
        student=who.id,
        key=IdempotencyKey(student=who.id, route="retry", key=key) if key else None,
        body_sha256=hashlib.sha256(payment.encode()).hexdigest(),
        origin=origin(who),
    )


def origin(who: Student, source: Source = Source.INITIATE) -> Origin:
    return Origin(actor=f"student:{who.id}", source=source, ip="192.0.2.7")


@dataclass(slots=True)
class HandClock:
    """A clock that a test sets by hand."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def forward(self, span: timedelta) -> None:
        self.at += span


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresWorld:
    database: Database
    gateway: FakeGateway
    clock: HandClock
    unit_of_work: UnitOfWork
    initiate: InitiatePayment
    retry: RetryPayment
    apply: ApplyOrderStatus
    read_order: ReadOrder
    receive_webhook: ReceiveWebhook
    process_inbox: ProcessInbox
    receive_callback: ReceiveCallback
    check_status: CheckStatus
    poll_orders: PollOrders
    queries: PostgresPaymentQueries
    replace_courses: ReplaceCourses
    replace_discounts: ReplaceDiscounts

    @classmethod
    def open(
        cls,
        database: Database,
        gateway: FakeGateway,
        clock: HandClock,
        unit_of_work: UnitOfWork | None = None,
        guard: CircuitBreakerGateway | None = None,
    ) -> Self:
        """
        Return a world; two on one database, gateway and clock are two processes of ours.

        With *guard* the bank is asked through it.
        """
        asked: PaymentGateway = guard or gateway

        def resting() -> timedelta | None:
            return guard.suspended_for(GatewayOperation.CREATE_SESSION) if guard else None

        unit = unit_of_work or PostgresUnitOfWork(database)
        read_order = ReadOrder(asked)
        apply = ApplyOrderStatus(unit, clock)
        refresh_order = RefreshOrder(read_order, apply, PATIENCE)
        inbox, queries = PostgresInbox(database), PostgresPaymentQueries(database)
        questions = PostgresOrderPolls(database)
        begin = BeginPayment(
            create_session=CreateSession(unit, asked, read_order, apply, clock),
            record_refusal=RecordRefusal(unit, clock),
            clock=clock,
            new_id=new_payment_id,
            seller=KARNATAKA,
            lifetime=LIFETIME,
            call_max=CALL_MAX,
            gateway_suspended_for=resting,
        )
        catalogue = PostgresCatalogue(database)
        return cls(
            database=database,
            gateway=gateway,
            clock=clock,
            unit_of_work=unit,
            initiate=InitiatePayment(
                unit_of_work=unit,
                begin=begin,
                read_order=read_order,
                apply=apply,
                refresh_order=refresh_order,
            ),
            retry=RetryPayment(
                unit_of_work=unit,
                begin=begin,
                read_order=read_order,
                apply=apply,
            ),
            apply=apply,
            read_order=read_order,
            receive_webhook=ReceiveWebhook(gateway, inbox, clock),
            process_inbox=ProcessInbox(inbox, unit, read_order, apply, clock, CALL_MAX),
            receive_callback=ReceiveCallback(gateway, unit, refresh_order),
            check_status=CheckStatus(queries, questions, refresh_order, clock, LEAST_INTERVAL),
            poll_orders=PollOrders(
                order_polls=questions,
                unit_of_work=unit,
                read_order=read_order,
                apply=apply,
                alerts=AlertBook(),
                clock=clock,
                jitter=lambda: 0,
                lease=CALL_MAX,
            ),
            queries=queries,
            replace_courses=ReplaceCourses(catalogue, clock),
            replace_discounts=ReplaceDiscounts(catalogue, clock),
        )

    async def stock(self, *codes: DiscountCode, courses: tuple[Course, ...] = (COURSE,)) -> None:
        """Put *courses* and *codes* on offer."""
        await self.replace_courses(courses, BY_STAFF)
        if codes:
            await self.replace_discounts(codes, BY_STAFF)

    async def value(self, sql: str, *arguments: object) -> Any:
        """Return the one value that *sql* finds."""
        async with self.database.borrow() as connection:
            return await connection.driver.fetchval(sql, *arguments)

    async def rows(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        async with self.database.borrow() as connection:
            return [tuple(row) for row in await connection.driver.fetch(sql, *arguments)]

    async def state_of(self, payment: PaymentId) -> str:
        return str(await self.value("SELECT state FROM payment WHERE id = $1", payment))
