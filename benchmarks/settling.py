"""What a settle costs through the use case, beside its two statements run by the bare driver."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg

from adapters.postgres import schema
from adapters.postgres.engine.database import Connection, Database, DatabaseSettings
from adapters.postgres.engine.statements import Write, one_statement
from adapters.postgres.payments.payments import READ
from adapters.postgres.unit_of_work import PostgresUnitOfWork, work_on
from adapters.system.clock import SystemClock
from adapters.system.identifiers import new_payment_id
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.write_effects import write_effects
from domain.catalogue.course import Course, CourseId
from domain.catalogue.quote import quote_course
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.basis import OrderStatusBasis
from domain.payments.dispute import RESPONSE_USUAL
from domain.payments.order_decisions import NOTHING_BORNE, apply_order_facts
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment import Payment, Student
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.indian_states import indian_state
from ports.audit_log import Origin, Source

WORKERS: Final = 8
PAYMENTS_A_ROUND: Final = 600
ROUNDS: Final = 5
BY_BENCH: Final = Origin(actor="system", source=Source.WEBHOOK)

COURSE: Final = Course(
    id=CourseId("bench"),
    title="Bench",
    list_price=Money(11_800_00),
    price_mode=PriceMode.INCLUSIVE,
    sac="999293",
    gst_rate=GstRate(Decimal(18)),
)


def payment(number: int) -> Payment:
    """Return a fresh pending payment of a student of its own."""
    buyer = Buyer(name="Asha", state=indian_state("27"))
    return Payment.begin(
        new_payment_id(),
        student=Student(id=StudentId(f"s{number}"), name="Asha", email="asha@example.com"),
        buyer=buyer,
        quote=quote_course(COURSE, buyer, indian_state("27"), None),
        at=datetime.now(UTC),
        lifetime=timedelta(minutes=15),
    )


def charged(payment: PaymentId) -> OrderFacts:
    """Return the bank's answer that makes it a sale."""
    return OrderFacts(
        payment=payment,
        verdict=Verdict.CHARGED,
        amount=COURSE.list_price,
        currency="INR",
        word="CHARGED",
        word_id=21,
    )


async def opened(unit_of_work: PostgresUnitOfWork, first: int, many: int) -> list[Payment]:
    """Put *many* pending payments into the database and return them."""
    payments = [payment(first + number) for number in range(many)]
    for each in payments:
        async with unit_of_work() as work:
            work.payments.repository.add(each)
    return payments


async def per_second(work: list[Callable[[], Awaitable[object]]]) -> float:
    """Return how many of *work* get done in a second by ``WORKERS`` side by side."""
    waiting = iter(work)

    async def worker() -> None:
        for each in waiting:
            await each()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(WORKERS)))
    return len(work) / (time.perf_counter() - began)


async def measure(url: str) -> tuple[list[float], list[float]]:
    """Return settles a second through the use case, and of the bare driver, round by round."""
    database = Database.connect(DatabaseSettings(url=url, pool_size=WORKERS))
    await schema.upgrade(database.engine)
    unit_of_work = PostgresUnitOfWork(database)
    apply = ApplyOrderStatus(unit_of_work, SystemClock())
    pool = await asyncpg.create_pool(url, min_size=WORKERS, max_size=WORKERS, init=_jsonb_as_text)
    ours, bare, first = [], [], 0
    for _ in range(ROUNDS):
        batch = await opened(unit_of_work, first, PAYMENTS_A_ROUND)
        first += PAYMENTS_A_ROUND
        ours.append(
            await per_second([_through(apply, each.id) for each in batch]),
        )
        batch = await opened(unit_of_work, first, PAYMENTS_A_ROUND)
        first += PAYMENTS_A_ROUND
        bare.append(await per_second(_statements(pool, batch)))
    await pool.close()
    await database.close()
    return ours, bare


async def _jsonb_as_text(connection: Any) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=str)


def _through(apply: ApplyOrderStatus, payment: PaymentId) -> Callable[[], Awaitable[object]]:
    return lambda: apply(charged(payment), BY_BENCH)


def _statements(pool: Any, batch: list[Payment]) -> list[Callable[[], Awaitable[object]]]:
    """Return for each payment the same read and the same apply, without use case and domain."""
    return [_both(pool, each.id, *_apply_of(each)) for each in batch]


def _apply_of(payment: Payment) -> tuple[str, tuple[object, ...]]:
    writes: list[Write] = []
    at = datetime.now(UTC)
    facts = charged(payment.id)
    decision = apply_order_facts(payment, facts, at=at)
    basis = OrderStatusBasis.of(
        facts,
        at=at,
        owned_by=None,
        on_sale=True,
        returns_mismatch=True,
        borne=NOTHING_BORNE,
        dispute_response=RESPONSE_USUAL,
        second_charges=(),
    )
    write_effects(work_on(Connection(None), writes), decision, basis, origin=BY_BENCH, at=at)
    return one_statement(writes)


def _both(
    pool: Any, payment: PaymentId, sql: str, arguments: tuple[object, ...]
) -> Callable[[], Awaitable[object]]:
    async def both() -> None:
        async with pool.acquire() as connection:
            await connection.fetch(READ.sql, *READ.arguments({"wanted": payment}))
            await connection.fetch(sql, *arguments)

    return both
