"""What the database refuses about refunds by itself, should our own code ever ask for it."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import TEMPLATE, run_sql, with_database
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from worlds.postgres import ASHA, RAVI, HandClock, PostgresWorld
from worlds.refund_requests import ask_refund

NAME: Final = "shulk_refunded"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def refunded_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """
    The URL of a database in which a part went back to Asha and another is on its way, and all of it
    to Ravi; what is refused changes nothing.
    """
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    first, second = await world.paid_payment(ASHA), await world.paid_payment(RAVI)
    world.gateway.refunds_end(RefundVerdict.PAID)
    await ask_refund(world, first.id, 100_00, key="k")
    await ask_refund(world, second.id, second.captured.paise)
    world.gateway.refunds_end(RefundVerdict.PENDING)
    # By the amount that is left, so that a copy of it has no key to meet.
    left = first.captured - Money(100_00)
    await ask_refund(world, first.id, 200_00, available=left)
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest_asyncio.fixture
async def driver(refunded_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose doings are undone."""
    connection = await asyncpg.connect(refunded_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def another(changes: str, *, of: str = "state = 'pending'") -> str:
    """Return the statement that adds a copy of a refund with *changes*, in JSON."""
    return f"""INSERT INTO refund SELECT (jsonb_populate_record(r, '{changes}')).*
               FROM refund r WHERE {of} LIMIT 1"""  # noqa: S608 - written in this file


# Each breaks one rule, and the rule's name is what the database answers with.
REFUSED: Final = {
    "a refund its payment knows nothing of": (another('{"id": "RF1"}'), "refunds_add_up"),
    "one that the outside made, too": (
        another('{"id": "RF1", "outside": true}'),
        "refunds_add_up",
    ),
    "a refund that grows": (
        "UPDATE refund SET amount_paise = amount_paise + 1 WHERE state = 'pending'",
        "refunds_add_up",
    ),
    "a refund that ends without its payment": (
        "UPDATE refund SET state = 'success' WHERE state = 'pending'",
        "refunds_add_up",
    ),
    "a refund that goes away": ("DELETE FROM refund WHERE state = 'pending'", "refunds_add_up"),
    "a payment with less on its way than its refunds": (
        "UPDATE payment SET refunding_paise = 0 WHERE refunding_paise > 0",
        "refunds_add_up",
    ),
    "all of it on its way, and part of it back": (
        "UPDATE payment SET refunding_paise = captured_paise WHERE state = 'partially_refunded'",
        "ck_payment_refunds",
    ),
    "a part that is called all": (
        "UPDATE payment SET state = 'refunded' WHERE state = 'partially_refunded'",
        "ck_payment_went_back",
    ),
    "all that is called a part": (
        "UPDATE payment SET state = 'partially_refunded' WHERE state = 'refunded'",
        "ck_payment_went_back",
    ),
    "all back, and the sale as it was": (
        "UPDATE payment SET state = 'success' WHERE state = 'refunded'",
        "ck_payment_went_back",
    ),
    "a refund of nothing": (another('{"id": "RF1", "amount_paise": 0}'), "ck_refund_amount"),
    "a refund that takes": (another('{"id": "RF1", "amount_paise": -1}'), "ck_refund_amount"),
    "a refund in no known state": (another('{"id": "RF1", "state": "lost"}'), "ck_refund_state"),
    "a refund approved by who asked for it": (
        another('{"id": "RF1", "decided_by": "staff:mira"}'),
        "ck_refund_second_person",
    ),
    "a key without what it came with": (
        another('{"id": "RF1", "request_key": "x"}'),
        "ck_refund_key",
    ),
    "one key for two refunds": (
        another('{"id": "RF1", "state": "failed"}', of="request_key = 'k'"),
        "refund_key_once",
    ),
    "one id for two refunds": (
        another('{"payment_id": "SKAAAAAAAAAAAAAAAAAA"}'),
        "refund_once",
    ),
    "one refund twice in a payment": (another('{"outside": true}'), "refund_pkey"),
    "a refund of no payment": (
        another('{"id": "RF1", "payment_id": "SKAAAAAAAAAAAAAAAAAA"}'),
        "refund_payment",
    ),
    "a note for one refund twice": (
        """INSERT INTO outbox SELECT (jsonb_populate_record(o, '{"id": 0}')).*
           FROM outbox o WHERE errand = 'credit_note' LIMIT 1""",
        "outbox_once",
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
async def test_the_database_refuses(wrong: str, driver: asyncpg.Connection) -> None:
    """
    Each rule on its own, by SQL that nothing of ours stands before.
    """
    sql, rule = REFUSED[wrong]
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await driver.execute(sql)
    assert refusal.value.constraint_name == rule


UNDONE: Final = {
    "money back that is less": (
        "UPDATE payment SET refunded_paise = refunded_paise - 1 WHERE state = 'partially_refunded'",
        "cannot be untaken",
    ),
    "a refund that is on its way again": (
        "UPDATE refund SET state = 'pending' WHERE state = 'success'",
        "cannot be undone",
    ),
    "a refund that failed after all": (
        "UPDATE refund SET state = 'failed' WHERE state = 'success'",
        "cannot be undone",
    ),
    "another amount": (
        "UPDATE refund SET amount_paise = 1 WHERE state = 'success'",
        "cannot be undone",
    ),
    "no refund at all": ("DELETE FROM refund WHERE state = 'success'", "cannot be undone"),
    "a sale given back that failed": (
        "UPDATE payment SET state = 'failed' WHERE state = 'refunded'",
        "cannot be undone",
    ),
}


@pytest.mark.parametrize("wrong", UNDONE)
async def test_what_went_back_stays_back(wrong: str, driver: asyncpg.Connection) -> None:
    """
    Only forward, whoever writes.
    """
    sql, words = UNDONE[wrong]
    with pytest.raises(asyncpg.PostgresError, match=words) as refusal:
        await driver.execute(sql)
    assert refusal.value.sqlstate == "SK002"


async def test_details_may_still_come_to_light(driver: asyncpg.Connection) -> None:
    """
    The ARN of a refund that is long back.
    """
    done = await driver.execute("UPDATE refund SET arn = '74537604221' WHERE state = 'success'")

    assert done == "UPDATE 2"
