"""The world on PostgreSQL: production's use cases on one database, a bank without a network, and a stopped clock."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, Self

from adapters.breaker.gateway import CircuitBreakerGateway
from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from adapters.postgres.payments.payment_queries import PostgresPaymentQueries
from application.checkout.initiate_payment import InitiatePaymentCommand
from application.checkout.retry_payment import RetryPaymentCommand
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Percent
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.client_reference import ClientReference
from domain.payments.payment import LAPSE_GRACE_MAX, Payment, Student
from domain.payments.refund_polling import no_jitter
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.indian_states import indian_state
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway import call_max
from fakes.alerts import AlertBook
from fakes.documents.issued import a_company
from ports.audit_log import Origin, Source
from ports.idempotency import IdempotencyKey
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import UnitOfWork
from worlds.settings import settings_of
from worlds.taken_containers import to_be_given_back
from worlds.wired_world import WiredWorld
from worlds.wiring import Wiring

NOON: Final = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
PATIENCE: Final = timedelta(seconds=60)
"""A crowd on a busy machine needs longer than a student's browser waits."""

KARNATAKA: Final = indian_state("29")
SETTINGS: Final = settings_of(
    a_company(KARNATAKA),
    gateway_read_timeout_seconds="15",
    refund_approval_threshold_rupees="1000000",
)
LAPSE: Final = SETTINGS.session_lifetime + LAPSE_GRACE_MAX
CALL_MAX: Final = call_max(SETTINGS)
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


def wanted(
    who: Student = ASHA,
    *,
    course: CourseId = COURSE.id,
    code: str | None = None,
    key: str | None = None,
    reference: str | None = None,
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
        client_reference=ClientReference(reference) if reference else None,
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
class PostgresWorld(WiredWorld):
    """
    One process of ours: production's use cases on PostgreSQL, and a gateway that tests direct.

    Two worlds on one database, gateway and clock are two processes.
    """

    database: Database
    gateway: FakeGateway
    clock: HandClock
    wiring: Wiring

    @classmethod
    def open(
        cls,
        database: Database,
        gateway: FakeGateway,
        clock: HandClock,
        unit_of_work: UnitOfWork | None = None,
        *,
        guard: CircuitBreakerGateway | None = None,
        settings: Settings = SETTINGS,
    ) -> Self:
        """Return a world; with *guard* the bank is asked through it, with *unit_of_work* storage is written by it."""

        def suspended_for(operation: GatewayOperation) -> timedelta | None:
            return guard.suspended_for(operation) if guard else None

        wiring = Wiring.of(settings)
        parts = wiring.container
        wiring.send_to(
            guard or gateway,
            gateway,
            session_suspended_for=partial(suspended_for, GatewayOperation.CREATE_SESSION),
            read_suspended_for=partial(suspended_for, GatewayOperation.READ_ORDER),
        )
        wiring.replace(
            (parts.storage.database, database),
            (parts.clock, clock),
            (parts.jitter, no_jitter),
            (parts.alerts, AlertBook()),
        )
        if unit_of_work is not None:
            wiring.replace((parts.storage.unit_of_work, unit_of_work))
        world = cls(database=database, gateway=gateway, clock=clock, wiring=wiring)
        world.wait_at_most(PATIENCE)
        to_be_given_back(wiring)
        return world

    @property
    def unit_of_work(self) -> UnitOfWork:
        unit: UnitOfWork = self.wiring.container.storage.unit_of_work()
        return unit

    @property
    def queries(self) -> PostgresPaymentQueries:
        queries: PostgresPaymentQueries = self.wiring.container.storage.payment_queries()
        return queries

    async def stock(self, *codes: DiscountCode, courses: tuple[Course, ...] = (COURSE,)) -> None:
        """Put *courses* and *codes* on offer."""
        await self.use_cases.catalogue().replace_courses()(courses, BY_STAFF)
        if codes:
            await self.use_cases.catalogue().replace_discounts()(codes, BY_STAFF)

    async def paid_payment(self, who: Student = ASHA) -> Payment:
        """Return a payment of *who* that was charged, with its success applied."""
        payment = await self.initiate(wanted(who))
        self.gateway.pay(payment.id)
        return await self.apply(await self.read_order(payment.id, who.id), BY_STAFF)

    async def value(self, sql: str, *arguments: object) -> Any:
        """Return the one value that *sql* finds."""
        async with self.database.borrow() as connection:
            return await connection.driver.fetchval(sql, *arguments)

    async def rows(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        async with self.database.borrow() as connection:
            return [tuple(row) for row in await connection.driver.fetch(sql, *arguments)]

    async def state_of(self, payment: PaymentId) -> str:
        return str(await self.value("SELECT state FROM payment WHERE id = $1", payment))
