"""Figures under many hands: counted once whoever counts, and what commits late is not lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.monitoring.payment_rollups import PostgresPaymentRollups
from worlds.postgres import NOON

CROWD: Final = 6
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
PAYMENTS: Final = """
    INSERT INTO payment (id, student_id, student_name, student_email, student_phone, course_id, course_title,
        list_price_paise, discount_paise, taxable_paise, cgst_paise, sgst_paise, igst_paise, payable_paise,
        supply, place_code, price_mode, sac, gst_rate, exempt, rounding_policy, buyer_name, buyer_state,
        state, opened_at, expires_at, version, method)
    SELECT 'SK' || lpad(translate(n::text, '0123456789', 'ABCDEFGHIJ'), 18, 'A'), 's' || n, 'A', 'a@b.example',
        '', 'c', 'C', n, 0, n, 0, 0, 0, n, 'intra', '27', 'inclusive', '999293', 18, false, 'x', 'A', '27',
        'failed', $1, $1, 1, CASE n % 3 WHEN 0 THEN 'UPI' WHEN 1 THEN 'CARD' END
    FROM generate_series(1, 40) n
"""
STEP: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, from_state, to_state, ip, user_agent,
                           correlation_id, facts)
    SELECT $1, 'bank', 'poll', 'payment.moved', id, $3, $4, '', '', '', $5
    FROM payment WHERE payable_paise = $2
"""
DIRECT: Final = """
    SELECT to_state, count(*)::int, sum(p.payable_paise)::bigint FROM audit_log a
    JOIN payment p ON p.id = a.subject GROUP BY 1 ORDER BY 1
"""
ROLLED: Final = """
    SELECT CASE outcome WHEN 'paid' THEN 'success' ELSE outcome END, sum(payments)::int,
           sum(amount_paise)::bigint FROM payment_rollup GROUP BY 1 ORDER BY 1
"""


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=CROWD + 2))
    async with database.borrow() as connection:
        await connection.driver.execute(PAYMENTS, NOON)
    yield database
    await database.close()


async def step(database: Database, number: int, to_state: str, at: datetime = NOON) -> None:
    event = "bank_charged" if to_state == "success" else "bank_declined"
    async with database.borrow() as connection:
        await connection.driver.execute(
            STEP, at, number, "pending", to_state, f'{{"event": "{event}"}}'
        )


async def agree(database: Database) -> None:
    """Compare the rollup with a direct count of the audit log."""
    async with database.borrow() as connection:
        direct = await connection.driver.fetch(DIRECT)
        assert await connection.driver.fetch(ROLLED) == direct
        assert direct


async def test_many_count_at_once_and_each_step_counts_once(database: Database) -> None:
    """
    While more steps are being written, all workers count in small batches.
    """
    rollups = PostgresPaymentRollups(database)

    async def work(numbers: range) -> None:
        for number in numbers:
            await step(database, number, "success" if number % 4 else "failed")
            await rollups.count(at_most=3)

    async with asyncio.timeout(60):
        await asyncio.gather(*(work(range(1 + each, 41, CROWD)) for each in range(CROWD)))
        while await rollups.count(at_most=3):
            pass
    await agree(database)


async def test_what_commits_late_is_counted_then(database: Database) -> None:
    """
    A step has drawn its id first and commits last: newer ones are counted before it, and it is not passed over.
    """
    rollups = PostgresPaymentRollups(database)
    async with database.borrow() as late:
        transaction = late.driver.transaction()
        await transaction.start()
        await late.driver.execute(STEP, NOON, 1, "pending", "success", "{}")
        await step(database, 2, "success")
        assert await rollups.count(at_most=10) == 1
        await transaction.commit()

    assert await rollups.count(at_most=10) == 1
    await agree(database)


async def test_a_count_that_is_undone_is_made_again(database: Database) -> None:
    """
    A step leaves the list only together with the sum that it enters.
    """
    rollups = PostgresPaymentRollups(database)
    await step(database, 1, "success")
    async with database.borrow() as connection:
        await connection.driver.execute(
            "ALTER TABLE payment_rollup ADD CONSTRAINT none_fits CHECK (false)"
        )
    (undone,) = await asyncio.gather(rollups.count(at_most=10), return_exceptions=True)
    async with database.borrow() as connection:
        await connection.driver.execute("ALTER TABLE payment_rollup DROP CONSTRAINT none_fits")

    assert isinstance(undone, Exception)
    assert await rollups.count(at_most=10) == 1
    await agree(database)


STORIES: Final = st.lists(
    st.tuples(
        st.sampled_from(["step", "count", "earlier"]),
        st.integers(1, 40),
        st.sampled_from(["success", "failed"]),
        st.integers(-2000, 2000),
    ),
    min_size=1,
    max_size=40,
)


@given(STORIES)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_the_rollup_equals_a_direct_count(
    database: Database, story: list[tuple[str, int, str, int]]
) -> None:
    """
    Whatever is written and counted in whatever order, at any instants of four days.
    """
    rollups = PostgresPaymentRollups(database)
    for what, number, state, minutes in story:
        if what == "step":
            await step(database, number, state, NOON + minutes * MINUTE)
        elif what == "count":
            await rollups.count(at_most=number)
        else:
            await rollups.count_earlier(at_most=number)
    await step(database, 1, "success")
    while await rollups.count(at_most=7):
        pass
    await agree(database)
    seen = await rollups.figures(NOON - 2 * DAY, NOON + 2 * DAY, span=DAY, at=NOON)
    async with database.borrow() as connection:
        paid = await connection.driver.fetchval(
            "SELECT count(*) FROM audit_log WHERE to_state = 'success'"
        )
    assert seen.success_rate.paid == sum(seen.times.values()) == paid
