"""The ledger in the database: what it refuses by itself, and what the back-fill makes of older rows."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.ledger.ledger_backfill import PostgresLedgerBackfill
from adapters.postgres.ledger.ledger_periods import PostgresLedgerPeriods
from adapters.postgres.ledger.ledger_queries import PostgresLedgerQueries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.documents.cancel_document import CancelDocument
from domain.business_day import business_day_of
from domain.identifiers import PaymentId, RefundId
from domain.ledger.journal import Entry, JournalKey, JournalKind
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from ports.audit_log import AuditEntry
from ports.ledger.ledger_queries import PostedJournal
from worlds.postgres import (
    ASHA,
    BY_STAFF,
    LAPSE,
    NOON,
    RAVI,
    HandClock,
    PostgresWorld,
    again,
    student,
    wanted,
)
from worlds.refund_requests import ask_refund, reject_refund

DAY: Final = business_day_of(NOON)
FORGET: Final = (
    "SET session_replication_role = replica",
    "DELETE FROM entry",
    "DELETE FROM journal",
    "DELETE FROM ledger_backfill",
    "DELETE FROM expectation",
    "SET session_replication_role = DEFAULT",
)
NEW_JOURNAL: Final = """
    INSERT INTO journal (kind, subject, sequence, fact_date, business_date, posted_at)
    VALUES ('match', 'X1', 1, '2026-11-26', '2026-11-26', now())
"""
WITH_ENTRIES: Final = """
    WITH j AS (
        INSERT INTO journal (kind, subject, sequence, fact_date, business_date, posted_at)
        VALUES ('match', '{subject}', 1, '{day}', '{day}', now()) RETURNING id, business_date)
    INSERT INTO entry (journal_id, line, business_date, account, amount_paise)
    SELECT j.id, line, business_date, account, paise FROM j, (VALUES {lines}) e (line, account, paise)
"""
BALANCED: Final = "(1, 'clearing', 100), (2, 'suspense', -100)"


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[PostgresWorld]:
    database = Database.connect(DatabaseSettings(url=database_url))
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    yield world
    await database.close()


@pytest_asyncio.fixture
async def driver(world: PostgresWorld) -> AsyncIterator[asyncpg.Connection]:
    async with world.database.borrow() as connection:
        yield connection.driver


def entries(lines: str, day: str = "2026-11-26", subject: str = "X1") -> str:
    return WITH_ENTRIES.format(lines=lines, day=day, subject=subject)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (entries("(1, 'clearing', 100), (2, 'suspense', -99)"), "sums to zero"),
        (entries("(1, 'clearing', 100)"), "sums to zero"),
        (NEW_JOURNAL, "sums to zero"),
        (
            "INSERT INTO entry VALUES (1, 3, '2026-11-26', 'bank', 5), (1, 4, '2026-11-26', 'bank', -4)",
            "sum to zero",
        ),
        (
            "INSERT INTO entry VALUES (9, 1, '2026-11-26', 'bank', 5), (9, 2, '2026-11-26', 'mdr', -5)",
            "sum to zero",
        ),
        (entries(BALANCED, "2026-11-25"), "closed period"),
        ("UPDATE entry SET amount_paise = 1", "only ever added to"),
        ("DELETE FROM entry", "only ever added to"),
        ("TRUNCATE entry", "only ever added to"),
        ("UPDATE journal SET subject = 'X2'", "only ever added to"),
        ("DELETE FROM journal", "only ever added to"),
        ("TRUNCATE journal", "only ever added to"),
        ("DELETE FROM closed_period", "only ever added to"),
        ("UPDATE closed_period SET last = '2020-01-01'", "only ever added to"),
        ("TRUNCATE closed_period", "only ever added to"),
        ("INSERT INTO closed_period VALUES ('2026-11-25', now(), 'x')", "after the one before"),
    ],
)
async def test_the_database_refuses(driver: asyncpg.Connection, sql: str, why: str) -> None:
    """
    An unbalanced journal, a posting into a closed period, and any change of what stands.
    """
    await driver.execute("INSERT INTO closed_period VALUES ('2026-11-25', now(), 'x')")
    await driver.execute(entries(BALANCED, subject="X0"))

    with pytest.raises(asyncpg.PostgresError, match=why) as refusal:
        await driver.execute(sql)

    assert refusal.value.sqlstate == "SK002"


async def journals(world: PostgresWorld) -> list[PostedJournal]:
    page = await PostgresLedgerQueries(world.database).journal_page(date.min, date.max, at_most=999)
    return [*page.items]


Said = tuple[JournalKey, date, date, str, JournalKey | None, frozenset[Entry]]


def told(posted: list[PostedJournal]) -> set[Said]:
    """Return what the journals say, whatever their numbers are and whenever they were posted."""
    keys = {each.number: each.key for each in posted}
    return {
        (
            each.key,
            each.day,
            each.posted_on,
            each.reference,
            keys[each.reverses] if each.reverses else None,
            frozenset(each.entries),
        )
        for each in posted
    }


async def expected(world: PostgresWorld) -> set[tuple[object, ...]]:
    return {
        tuple(row)
        for row in await world.rows(
            "SELECT payment_id, refund_id, amount_paise, business_date FROM expectation"
        )
    }


async def sold(world: PostgresWorld, name: str) -> PaymentId:
    payment = await world.paid_payment(student(name))
    await world.issue_invoice(payment.id)
    return payment.id


async def hear(world: PostgresWorld, payment: PaymentId, name: str) -> None:
    await world.apply(await world.read_order(payment, student(name).id), BY_STAFF)


async def trade(world: PostgresWorld) -> None:
    """A sale, one without a document yet, refunds of every end, money that opened nothing, a void invoice."""
    await sold(world, "Meera")
    await world.paid_payment(student("Kabir"))
    world.clock.forward(timedelta(hours=20))
    for name, verdict in (
        ("Noor", RefundVerdict.PAID),
        ("Zoya", RefundVerdict.PENDING),
        ("Arjun", RefundVerdict.FAILED),
    ):
        payment = await sold(world, name)
        refund = await ask_refund(world, payment, 2950_00)
        world.gateway.move_refund(payment, refund.id, verdict)
        await hear(world, payment, name)
        if verdict is RefundVerdict.PAID:
            await world.issue_credit_note(payment, refund.id)
    withdrawn = await sold(world, "Ishan")
    world.approve_alone_up_to(Money(1))
    refund = await ask_refund(world, withdrawn, 100_00)
    await reject_refund(world, withdrawn, refund.id)
    void = await sold(world, "Tara")
    register = world.wiring.container.storage.documents()
    (registered,) = await register.of_payment(void)
    cancel = CancelDocument(PostgresUnitOfWork(world.database), register, world.clock)
    await cancel(registered.document.number, "typed wrong", BY_STAFF)
    await world.issue_invoice(void)
    await paid_twice(world)


async def paid_twice(world: PostgresWorld) -> None:
    """Asha's first payment lapses and is charged late, after she has paid by another one."""
    late = await world.initiate(wanted(ASHA))
    world.clock.forward(LAPSE)
    await hear(world, late.id, "Asha")
    retry = await world.retry(again(late.id))
    world.gateway.pay(retry.id)
    await hear(world, retry.id, "Asha")
    world.gateway.pay(late.id)
    await hear(world, late.id, "Asha")


async def test_the_back_fill_posts_what_the_hooks_would_have(world: PostgresWorld) -> None:
    """
    In batches of one payment by a new process each; once more, nothing. What ended before it was known
    has left no promise behind.
    """
    await trade(world)
    by_hooks, owed = told(await journals(world)), await expected(world)
    assert {bool(refund) for _, refund, *_ in owed} == {True, False}
    for statement in FORGET:
        await world.rows(statement)
    backfill = PostgresLedgerBackfill(world.database)
    await backfill.begin(NOON)

    batches = 0
    while await PostgresLedgerBackfill(world.database).batch(world.clock.now(), at_most=1):
        batches += 1

    assert batches == await world.value("SELECT count(*) FROM payment")
    assert await backfill.unfinished() == 0
    posted = told(await journals(world))
    assert await expected(world) == owed
    ended = {"Arjun", "Ishan"}
    assert len(by_hooks - posted) == 2 * len(ended)
    assert {key.kind for key, *_ in by_hooks - posted} == {
        JournalKind.REFUND_ASKED,
        JournalKind.REVERSAL,
    }
    assert posted <= by_hooks
    await backfill.begin(NOON)
    assert await backfill.batch(world.clock.now(), at_most=999) == batches
    assert told(await journals(world)) == posted


async def test_the_back_fill_puts_right_what_is_expected(world: PostgresWorld) -> None:
    """
    What a process of the release before corrected without its expectation; what is settled stays settled.
    """
    await trade(world)
    owed = await expected(world)
    await world.rows(
        "UPDATE expectation SET settled_paise = amount_paise, settled_file = 'f', settled_line = 2"
    )
    await world.rows("UPDATE expectation SET amount_paise = amount_paise - 100")
    backfill = PostgresLedgerBackfill(world.database)
    await backfill.begin(NOON)

    await backfill.batch(world.clock.now(), at_most=999)

    assert await expected(world) == owed
    settled = (
        "SELECT bool_and(settled_file = 'f' AND settled_paise = amount_paise) FROM expectation"
    )
    assert await world.value(settled)


async def test_the_back_fill_adds_nothing_to_what_the_hooks_posted(world: PostgresWorld) -> None:
    """
    With refunds that failed and a void document among them.
    """
    await trade(world)
    before = told(await journals(world))
    backfill = PostgresLedgerBackfill(world.database)
    await backfill.begin(NOON)

    await backfill.batch(world.clock.now(), at_most=999)

    assert told(await journals(world)) == before


async def test_the_back_fill_takes_back_what_the_release_before_ended(world: PostgresWorld) -> None:
    """
    A refund that was promised by this release and ended by a process of the one before.
    """
    payment = await sold(world, "Meera")
    refund = await ask_refund(world, payment, 2950_00)
    await world.rows("""
        WITH ended AS (UPDATE refund SET state = 'failed', closed_at = asked_at RETURNING payment_id)
        UPDATE payment SET refunding_paise = 0 WHERE id IN (SELECT payment_id FROM ended)
    """)
    backfill = PostgresLedgerBackfill(world.database)
    await backfill.begin(NOON)
    await backfill.batch(world.clock.now(), at_most=999)

    last = (await journals(world))[-1]
    assert (last.key.kind, last.key.subject) == (
        JournalKind.REVERSAL,
        f"refund_asked/{payment}/{RefundId(refund.id)}/1",
    )


async def test_a_pass_waits_for_its_time(world: PostgresWorld) -> None:
    """
    The second one is for what the release before still stores during the upgrade.
    """
    await world.rows("DELETE FROM ledger_backfill")
    await world.rows(
        "INSERT INTO ledger_backfill VALUES (1, $1, ''), (2, $2, '')", NOON, NOON + LAPSE
    )
    await world.initiate(wanted(RAVI))
    backfill = PostgresLedgerBackfill(world.database)

    assert [await backfill.batch(NOON, at_most=5) for _ in range(2)] == [1, 0]
    assert await backfill.unfinished() == 1
    assert await backfill.batch(NOON + LAPSE, at_most=5) == 1
    await backfill.begin(NOON)
    assert await backfill.unfinished() == 1
    await backfill.begin(NOON)
    assert await backfill.unfinished() == 1


async def test_late_facts_are_posted_on_the_first_open_day(world: PostgresWorld) -> None:
    """
    By the hooks and by the back-fill alike.
    """
    entry = AuditEntry(at=NOON, origin=BY_STAFF, action="ledger.closed", subject="ledger")
    await PostgresLedgerPeriods(world.database).close(DAY + timedelta(days=3), entry)
    await sold(world, "Meera")
    by_hooks = told(await journals(world))
    assert {(day, posted_on) for _, day, posted_on, *_ in by_hooks} == {
        (DAY, DAY + timedelta(days=4))
    }
    for statement in FORGET:
        await world.rows(statement)
    backfill = PostgresLedgerBackfill(world.database)
    await backfill.begin(NOON)
    await backfill.batch(NOON, at_most=9)

    assert told(await journals(world)) == by_hooks
