"""What the database refuses by itself, should our own code ever ask for it."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import TEMPLATE, run_sql, with_database
from worlds.postgres import ASHA, CODE, RAVI, HandClock, PostgresWorld, code, origin, wanted

NAME: Final = "shulk_sold"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sold_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a database with one sale in it; what is refused changes nothing."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    await sold_and_open(database)
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest_asyncio.fixture
async def driver(sold_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose doings are undone."""
    connection = await asyncpg.connect(sold_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def sold_and_open(database: Database) -> PostgresWorld:
    """Asha has paid, Ravi is about to."""
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock(code())
    sold = await world.initiate(wanted(ASHA, code=CODE, key="of Asha"))
    await world.initiate(wanted(RAVI, code=CODE))
    world.gateway.pay(sold.id)
    await world.receive_webhook(*world.gateway.event(sold.id))
    await world.process_inbox()
    await world.receive_callback(world.gateway.return_fields(sold.id), origin(ASHA))
    return world


# Each breaks one rule, and the rule's name is what the database answers with.
REFUSED: Final = {
    "a sale without a capture": (
        "UPDATE payment SET state = 'success' WHERE state = 'pending'",
        "ck_payment_sold_means_captured",
    ),
    "a sale of another amount": (
        "UPDATE payment SET captured_paise = captured_paise - 1 WHERE state = 'success'",
        "ck_payment_sold_means_captured",
    ),
    "a capture taken away": (
        "UPDATE payment SET captured_paise = NULL WHERE state = 'success'",
        "ck_payment_sold_means_captured",
    ),
    "parts that do not add up": (
        "UPDATE payment SET taxable_paise = taxable_paise + 1 WHERE state = 'pending'",
        "ck_payment_parts",
    ),
    "unequal halves": (
        "UPDATE payment SET cgst_paise = cgst_paise + 1, sgst_paise = sgst_paise - 1 WHERE state = 'pending'",
        "ck_payment_halves",
    ),
    "an unheard-of state": (
        "UPDATE payment SET state = 'paid', captured_paise = payable_paise WHERE state = 'pending'",
        "ck_payment_state",
    ),
    "more given back than taken": (
        "UPDATE payment SET refunded_paise = captured_paise, refunding_paise = 1 WHERE state = 'success'",
        "ck_payment_refunds",
    ),
    "a sale of which something went back": (
        "UPDATE payment SET refunded_paise = 1 WHERE state = 'success'",
        "ck_payment_went_back",
    ),
    "a refund that is not among the payment's": (
        "UPDATE payment SET refunding_paise = 1 WHERE state = 'success'",
        "refunds_add_up",
    ),
    "a refund of nothing taken": (
        "UPDATE payment SET refunding_paise = 1 WHERE state = 'pending'",
        "ck_payment_refunds",
    ),
    "a negative refund": (
        "UPDATE payment SET refunded_paise = -1 WHERE state = 'success'",
        "ck_payment_refunds",
    ),
    "a whole card number": (
        "UPDATE payment SET card_tail = '41x1' WHERE state = 'success'",
        "ck_payment_card_tail",
    ),
    "two live payments for one course": (
        """INSERT INTO payment
           SELECT (jsonb_populate_record(p, '{"id": "SKAAAAAAAAAAAAAAAAAA"}')).*
           FROM payment p WHERE state = 'pending'""",
        "payment_one_live",
    ),
    "half a retry": (
        "UPDATE payment SET retry_of = id WHERE state = 'pending'",
        "ck_payment_retry",
    ),
    "a fourth retry": (
        """UPDATE payment SET retry_of = id, first_attempt = id, first_opened_at = opened_at,
                              retry_number = 4, retry_counts = true WHERE state = 'pending'""",
        "ck_payment_retry",
    ),
    "two retries with one number": (
        """UPDATE payment SET retry_of = id, first_attempt = 'SKAAAAAAAAAAAAAAAAAA',
                              first_opened_at = opened_at, retry_number = 1, retry_counts = true""",
        "payment_one_retry",
    ),
    "two open doors to one course": (
        """INSERT INTO enrolment
           SELECT (jsonb_populate_record(e, '{"payment_id": "SKAAAAAAAAAAAAAAAAAA"}')).*
           FROM enrolment e""",
        "enrolment_one_active",
    ),
    "two enrolments by one payment": (
        """INSERT INTO enrolment
           SELECT (jsonb_populate_record(e, '{"student_id": "ravi"}')).* FROM enrolment e""",
        "enrolment_pkey",
    ),
    "a letter written twice": (
        """INSERT INTO outbox
           SELECT (jsonb_populate_record(o, '{"id": 0}')).* FROM outbox o""",
        "outbox_once",
    ),
    "an event stored twice": (
        """INSERT INTO inbox
           SELECT (jsonb_populate_record(i, '{"id": 0}')).* FROM inbox i""",
        "inbox_once",
    ),
    "an entry in no known state": ("UPDATE inbox SET state = 'lost'", "ck_inbox_state"),
    "a line in no known state": ("UPDATE outbox SET state = 'lost'", "ck_outbox_state"),
    "a slot given back twice": ("UPDATE discount SET used = -1", "ck_discount_used"),
    "a student's slot given back twice": (
        "UPDATE discount_use SET used = -1",
        "ck_discount_use_used",
    ),
    "a course that pays the student": (
        "UPDATE course SET list_price_paise = -1",
        "ck_course_price",
    ),
    "a tax above the price": ("UPDATE course SET gst_rate = 101", "ck_course_rate"),
    "one key for two answers": (
        "INSERT INTO idempotency SELECT * FROM idempotency",
        "idempotency_pkey",
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
    "a sale that failed after all": (
        "UPDATE payment SET state = 'failed' WHERE state = 'success'",
        "cannot be undone",
    ),
    "a sale that is pending again": (
        "UPDATE payment SET state = 'pending' WHERE state = 'success'",
        "cannot be undone",
    ),
    "a trail with another actor": ("UPDATE audit_log SET actor = 'nobody'", "only ever added to"),
    "a trail with a gap": (
        "DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)",
        "only ever added to",
    ),
    "no trail at all": ("TRUNCATE audit_log", "only ever added to"),
}


@pytest_asyncio.fixture
async def shop_on_each(empty: Database) -> AsyncIterator[PostgresWorld]:
    """The same on every supported PostgreSQL: migrated, one settle done."""
    await schema.upgrade(empty.engine)
    yield await sold_and_open(empty)


async def test_what_happened_stays_so(shop_on_each: PostgresWorld) -> None:
    """
    Success is for good and the trail is only added to, on the oldest PostgreSQL as on the newest.
    """
    for sql, words in UNDONE.values():
        async with shop_on_each.database.borrow() as connection:
            driver: asyncpg.Connection = connection.driver
            with pytest.raises(asyncpg.PostgresError, match=words) as refusal:
                await driver.execute(sql)
        assert refusal.value.sqlstate == "SK002"


async def test_a_settle_is_whole_on_every_version(shop_on_each: PostgresWorld) -> None:
    """
    State, place, slot, letter and trail of one sale, written by one statement.
    """
    assert await shop_on_each.rows(
        "SELECT p.state, p.redemption, e.since = p.closed_at, o.errand, i.state, d.used"
        " FROM payment p JOIN enrolment e ON e.payment_id = p.id"
        " JOIN outbox o ON o.payment_id = p.id JOIN inbox i ON i.order_id = p.id, discount d"
    ) == [("success", "committed", True, "tax_document", "applied", 2)]
    assert await shop_on_each.rows(
        "SELECT action, from_state, to_state, source FROM audit_log"
        " WHERE subject = (SELECT id FROM payment WHERE state = 'success') ORDER BY id"
    ) == [
        ("payment.opened", None, "pending", "initiate"),
        ("payment.moved", "pending", "success", "webhook"),
    ]


@pytest.mark.parametrize("over", ["failed", "expired"])
async def test_money_may_still_arrive_late(driver: asyncpg.Connection, over: str) -> None:
    """
    The belt holds one direction only: what failed or expired may yet be charged.
    """
    await driver.execute("UPDATE payment SET state = $1 WHERE state = 'pending'", over)
    moved = await driver.execute(
        "UPDATE payment SET state = 'success', captured_paise = payable_paise WHERE state = $1",
        over,
    )
    assert moved == "UPDATE 1"


BEFORE: Final = (
    ("paid_twice", "2026-08-01T06:30:00+00:00"),
    ("voided", "2026-08-02T06:30:00+00:00"),
)
"""Two reasons as this release writes them, the gravest in the column of the release before."""

WRITES_OF_THE_RELEASE_BEFORE: Final = {
    "another word": (
        "refund_outside",
        "refund_outside",
        ["paid_twice", "refund_outside", "voided"],
    ),
    "a word that is there": ("voided", "voided", ["paid_twice", "voided"]),
    "no word": (None, "voided", ["voided"]),
}


@pytest.mark.parametrize(
    ("word", "seen", "left"),
    WRITES_OF_THE_RELEASE_BEFORE.values(),
    ids=WRITES_OF_THE_RELEASE_BEFORE,
)
async def test_the_release_before_hides_no_reason_for_a_review(
    driver: asyncpg.Connection, word: str | None, seen: str, left: list[str]
) -> None:
    """
    It writes one word over another; the set keeps what it cannot see, with the ages.
    """
    await driver.execute(
        "UPDATE payment SET attention = 'paid_twice', review = $1::jsonb, review_since = $2::timestamptz"
        " WHERE state = 'success'",
        json.dumps(dict(BEFORE)),
        datetime.fromisoformat(BEFORE[0][1]),
    )

    await driver.execute("UPDATE payment SET attention = $1 WHERE state = 'success'", word)

    shown, review, since = await driver.fetchrow(
        "SELECT attention, review, review_since FROM payment WHERE state = 'success'"
    )
    kept = json.loads(review)
    assert (shown, sorted(kept)) == (seen, left)
    ages = {name: datetime.fromisoformat(at) for name, at in kept.items()}
    assert since == min(ages.values())
    assert all(ages[name].isoformat() == at for name, at in BEFORE if name in ages)


async def test_the_release_before_ends_the_last_reason(driver: asyncpg.Connection) -> None:
    """
    Its own flag, then its own end; a newer reason is told by a word that it can read.
    """
    for word in ("unresolved", None):
        await driver.execute("UPDATE payment SET attention = $1 WHERE state = 'pending'", word)
    ended = "SELECT review, review_since, attention FROM payment WHERE state = 'pending'"
    assert tuple(await driver.fetchrow(ended)) == (None, None, None)

    await driver.execute(
        "UPDATE payment SET attention = 'voided', review_since = now(),"
        """ review = '{"voided": "2026-08-01T06:30:00Z", "of_later": "2026-08-01T06:30:00Z"}'"""
        " WHERE state = 'pending'"
    )
    await driver.execute("UPDATE payment SET attention = NULL WHERE state = 'pending'")
    _, since, word = await driver.fetchrow(ended)
    assert (since is not None, word) == (True, "unknown_status")
