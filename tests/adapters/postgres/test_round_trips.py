"""How often a trip waits for the database: counted on the wire, because that is what a student waits for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Outcome
from adapters.postgres.documents.document_files import PostgresFiledDocuments
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.monitoring.alert_register import PostgresAlertReads
from adapters.postgres.monitoring.gateway_calls import PostgresGatewayCalls
from adapters.postgres.monitoring.payment_rollups import PostgresPaymentRollups
from adapters.postgres.monitoring.system_health import PostgresSystemHealth
from adapters.postgres.payments.payment_search import PostgresPaymentSearch
from adapters.postgres.queues.outbox import PostgresOutbox
from adapters.postgres.reconciliation.book_reads import PostgresBookReads
from adapters.postgres.reconciliation.discrepancy_queries import PostgresDiscrepancyQueries
from adapters.postgres.refunds.refund_queries import PostgresRefundQueries
from adapters.postgres.settlements.settlement_files import PostgresSettlementFiles
from adapters.postgres.settlements.settlement_reads import PostgresSettlementReads
from adapters.postgres.staff.waiting_work import PostgresWaitingWork
from application.documents.download_document import DownloadDocument, DownloadDocumentCommand
from application.documents.fetch_file import FetchFile
from application.monitoring.read_figures import FiguresRange, ReadFigures
from application.notifications.relay_outbox import LEASE
from application.settlements.preview_file import hash_of
from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN
from contracts.settlements.settlement_files_contract import AUDITED, a_file
from domain.identifiers import PaymentId, RefundId
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment import Payment, Student
from domain.reconciliation.discrepancy import Discrepancy
from domain.tax.gstin import Gstin
from entrypoints.http.console.discrepancy_sides import TwoSides
from fakes.alerts import AlertBook
from fakes.file_store import Shelf
from fault_injection.wire import Wire, wire_to
from ports.payments.payment_search import PaymentFilter
from races.issuing import filing_on, issuing_on
from worlds.postgres import (
    CODE,
    KARNATAKA,
    LAPSE,
    NOON,
    HandClock,
    PostgresWorld,
    again,
    code,
    origin,
    student,
    wanted,
)
from worlds.refund_requests import ask_refund

WARM = ("Meera", "Kabir")
MEASURED = student("Asha")

Trip = Callable[[PostgresWorld, Student, Wire], Awaitable[int]]


@pytest_asyncio.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with wire_to(database_url) as wire:
        yield wire


@asynccontextmanager
async def shop_on(wire: Wire) -> AsyncIterator[PostgresWorld]:
    """One connection only, so that it has seen every statement when it is measured."""
    database = Database.connect(DatabaseSettings(url=wire.url, pool_size=1))
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock(code())
    yield world
    await database.close()


@pytest_asyncio.fixture
async def world(wire: Wire) -> AsyncIterator[PostgresWorld]:
    async with shop_on(wire) as world:
        yield world


async def trips_of(trip: Trip, world: PostgresWorld, wire: Wire) -> int:
    """Return the round trips of *trip* on a connection that knows its statements already."""
    for name in WARM:
        await trip(world, student(name), wire)
    return await trip(world, MEASURED, wire)


async def opened(world: PostgresWorld, who: Student, *, discounted: bool = True) -> Payment:
    return await world.initiate(wanted(who, code=CODE if discounted else None))


async def initiate(world: PostgresWorld, who: Student, wire: Wire) -> int:
    before = wire.trips
    await world.initiate(wanted(who, code=CODE, key=f"key of {who.id}"))
    return wire.trips - before


async def retry(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    world.gateway.pay(payment.id, Outcome.FAILURE)
    await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
    before = wire.trips
    await world.retry(again(payment.id, who, key=f"key of {who.id}"))
    return wire.trips - before


async def accept(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    headers, body = world.gateway.event(payment.id)
    before = wire.trips
    await world.receive_webhook(headers, body)
    return wire.trips - before


async def settle_by_webhook(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    world.gateway.pay(payment.id)
    await world.receive_webhook(*world.gateway.event(payment.id))
    before = wire.trips
    assert await world.process_inbox() == 1
    made = wire.trips - before
    assert await world.state_of(payment.id) == "success"
    return made


async def settle_by_callback(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    world.gateway.pay(payment.id)
    fields = world.gateway.return_fields(payment.id)
    before = wire.trips
    await world.receive_callback(fields, origin(who))
    made = wire.trips - before
    assert await world.state_of(payment.id) == "success"
    return made


async def expire(world: PostgresWorld, who: Student, wire: Wire) -> int:
    # So late that what the trips before left unsold is asked about a last time.
    world.clock.forward(timedelta(days=2))
    await world.poll_orders()
    payment = await opened(world, who)
    world.clock.forward(LAPSE)
    before = wire.trips
    assert await world.poll_orders() == 1
    made = wire.trips - before
    assert await world.state_of(payment.id) == "expired"
    return made


async def ask_about_the_unsold(world: PostgresWorld, who: Student, wire: Wire) -> int:
    await opened(world, who)
    world.clock.forward(timedelta(days=2))
    await world.poll_orders()
    world.clock.forward(timedelta(seconds=15))
    before = wire.trips
    assert await world.poll_orders() == 1
    return wire.trips - before


async def ask_status_of_a_final_one(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    world.gateway.pay(payment.id)
    await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
    before = wire.trips
    view = await world.check_status(payment.id, who.id, origin(who))
    assert view.status == "success"
    return wire.trips - before


async def read_history(world: PostgresWorld, who: Student, wire: Wire) -> int:
    await opened(world, who)
    before = wire.trips
    page = await world.queries.history(who.id, at_most=20)
    assert len(page.items) == 1
    return wire.trips - before


async def ask_for_a_refund(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who, discounted=False)
    world.gateway.pay(payment.id)
    await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
    before = wire.trips
    await ask_refund(world, payment.id, 100_00, key=f"key of {who.id}")
    return wire.trips - before


async def settle_a_refund(world: PostgresWorld, who: Student, wire: Wire) -> int:
    await ask_for_a_refund(world, who, wire)
    (payment,) = (await world.queries.history(who.id, at_most=2)).items
    order = PaymentId(payment.transaction_id)
    refund = RefundId(payment.refunds[0].refund_id)
    world.gateway.move_refund(order, refund, RefundVerdict.PAID)
    await world.receive_webhook(*world.gateway.event(order, "ORDER_REFUNDED"))
    before = wire.trips
    assert await world.process_inbox() == 1
    return wire.trips - before


async def work_off_an_entry(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    world.gateway.pay(payment.id)
    await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
    before = wire.trips
    (entry, *_) = await PostgresOutbox(world.database).claim(
        world.clock.now(), lease=LEASE, at_most=9
    )
    async with world.unit_of_work() as work:
        work.notifications.outbox.complete(entry, world.clock.now())
    return wire.trips - before


async def invoiced(world: PostgresWorld, who: Student) -> Payment:
    payment = await opened(world, who)
    world.gateway.pay(payment.id)
    await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
    await issuing_on(world.database, KARNATAKA)(payment.id)
    return payment


async def file_an_invoice(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await invoiced(world, who)
    before = wire.trips
    await filing_on(world.database, Shelf())(payment.id)
    return wire.trips - before


async def download_an_invoice(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment, shelf = await invoiced(world, who), Shelf()
    await filing_on(world.database, shelf)(payment.id)
    hand_over = DownloadDocument(
        PostgresFiledDocuments(world.database),
        FetchFile(
            files=shelf, unit_of_work=world.unit_of_work, alerts=AlertBook(), clock=world.clock
        ),
    )
    before = wire.trips
    file = await hand_over(DownloadDocumentCommand(payment=payment.id, student=who.id))
    assert file.content
    return wire.trips - before


async def see_refunds_as_staff(world: PostgresWorld, who: Student, wire: Wire) -> int:
    await ask_for_a_refund(world, who, wire)
    (payment,) = (await world.queries.history(who.id, at_most=2)).items
    seen = PostgresRefundQueries(world.database)
    before = wire.trips
    view = await seen.of_payment(PaymentId(payment.transaction_id))
    assert (len(view.refunds), view.refunding) == (1, "100.00")
    return wire.trips - before


async def see_a_discrepancy(world: PostgresWorld, who: Student, wire: Wire) -> int:
    payment = await opened(world, who)
    database = world.database
    found = Discrepancy.of(
        replace(UNKNOWN, ref=payment.id), datetime(2026, 8, 3, tzinfo=UTC), CALENDAR
    )
    async with world.unit_of_work() as work:
        work.reconciliation.discrepancies.save([found])
    queries = PostgresDiscrepancyQueries(database)
    lines, books = PostgresSettlementReads(database), PostgresBookReads(database)
    before = wire.trips
    seen = await queries.get(found.id)
    assert not await queries.resolutions(found.id)
    sides = await TwoSides.of(seen.finding, lines, books)
    assert sides.ours.evidence
    return wire.trips - before


async def see_what_waits(world: PostgresWorld, who: Student, wire: Wire) -> int:
    before = wire.trips
    await PostgresWaitingWork(world.database).waiting(who.id, datetime(2026, 8, 3, tzinfo=UTC))
    return wire.trips - before


async def list_settlement_files(world: PostgresWorld, who: Student, wire: Wire) -> int:
    files = PostgresSettlementFiles(world.database)
    await files.receive(a_file(hash_of(who.id.encode())), AUDITED)
    before = wire.trips
    assert await files.page(at_most=21)
    return wire.trips - before


@pytest.mark.parametrize(
    ("trip", "promised"),
    [
        # The key, the payment, the intent; then the payment again and the bank's answer.
        (ask_for_a_refund, 5),
        # As many as any settle: the refunds come and go with their payment.
        (settle_a_refund, 3),
        (initiate, 3),
        # Old payment and facts are read before the bank's last word and after it, which is settled.
        (retry, 7),
        (accept, 1),
        (settle_by_webhook, 3),
        (settle_by_callback, 3),
        # One claim is made for the whole batch; each payment of it costs two.
        (expire, 3),
        (ask_about_the_unsold, 3),
        (ask_status_of_a_final_one, 1),
        (read_history, 1),
        # A claim for the whole batch, then one for each entry.
        (work_off_an_entry, 2),
        # What is on file, and what was filed; rendering and keeping hold nothing meanwhile.
        (file_an_invoice, 2),
        (download_an_invoice, 1),
        (see_refunds_as_staff, 1),
        # Itself, what was decided, its lines and its records.
        (see_a_discrepancy, 4),
        (see_what_waits, 1),
        # The files and their settlements, however many there are.
        (list_settlement_files, 2),
    ],
)
async def test_a_trip_waits_for_the_database_as_often_as_promised(
    trip: Trip, promised: int, world: PostgresWorld, wire: Wire
) -> None:
    """
    Read, apply, record: not one round trip more, and no BEGIN or COMMIT around them.
    """
    assert promised == await trips_of(trip, world, wire)


async def test_the_wire_counts_a_begin_and_a_commit(world: PostgresWorld, wire: Wire) -> None:
    """
    The count can fail: one statement inside a transaction costs three.
    """
    engine = world.database.engine.execution_options(isolation_level="READ COMMITTED")
    made = []
    for _ in range(2):
        before = wire.trips
        async with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))
        made.append(wire.trips - before)

    assert made[-1] == 3


async def test_the_page_of_the_monitoring_asks_five_times(wire: Wire) -> None:
    """
    Figures, calls to the bank, queues and jobs, alerts, and the latest payments, each in
    one trip; so it is whatever is stored.
    """
    database = Database.connect(DatabaseSettings(url=wire.url, pool_size=1))
    calls = PostgresGatewayCalls(database)
    figures = ReadFigures(PostgresPaymentRollups(database), HandClock(), calls)
    health, alerts = PostgresSystemHealth(database), PostgresAlertReads(database)
    search = PostgresPaymentSearch(database, Gstin("27AAECD1234F1Z3"))

    async def page() -> None:
        await figures(FiguresRange.MONTH)
        await figures.gateway(FiguresRange.MONTH)
        await health.read(NOON, ["count_payments"])
        await alerts.all()
        await search.find(PaymentFilter(), at_most=10)

    await page()
    before = wire.trips
    await page()
    assert wire.trips - before == 5
    await database.close()
