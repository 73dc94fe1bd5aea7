"""The list of what is not settled yet is kept by the database, whoever writes: this release, or the one before."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from conftest import TEMPLATE, run_sql, with_database

NAME: Final = "shulk_open_expectations"
MANY: Final = 1_200
"""More than a plan for few rows is used for."""

EXPECT: Final = f"""
    INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date)
    SELECT 'SK' || n, refund, 100, '2026-11-12'
    FROM generate_series(1, {MANY}) n, (VALUES (''), ('RF1')) r (refund) WHERE refund = '' OR n <= 5
"""  # noqa: S608 - our own words
SETTLE: Final = (
    "UPDATE expectation SET settled_file = 'f', settled_line = 2, settled_paise = amount_paise"
)
REOPEN: Final = "UPDATE expectation SET settled_file = NULL, settled_line = NULL, settled_paise = 0"
CORRECT: Final = """
    INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date)
    VALUES ('SK1', '', 50, '2026-11-12'), ('SK0', '', 50, '2026-11-12')
    ON CONFLICT (payment_id, refund_id) DO UPDATE SET amount_paise = expectation.amount_paise + 1
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a database with many expectations, five of them of refunds."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    yield with_database(postgres_server, NAME)
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest_asyncio.fixture
async def driver(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose doings are undone."""
    connection = await asyncpg.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(EXPECT)
    yield connection
    await transaction.rollback()
    await connection.close()


async def listed(driver: asyncpg.Connection) -> int:
    """Return how many are listed, once it is sure that these are those that are open."""
    differ = await driver.fetch("""
        (SELECT payment_id, refund_id FROM expectation WHERE settled_file IS NULL EXCEPT TABLE open_expectation)
        UNION ALL
        (TABLE open_expectation EXCEPT SELECT payment_id, refund_id FROM expectation WHERE settled_file IS NULL)
    """)
    assert differ == []
    return int(await driver.fetchval("SELECT count(*) FROM open_expectation"))


@pytest.mark.parametrize(
    ("statements", "left"),
    [
        ((), MANY + 5),
        ((SETTLE,), 0),
        ((f"{SETTLE} WHERE payment_id = 'SK1' AND refund_id = ''",), MANY + 4),
        ((f"{SETTLE} WHERE payment_id = 'SK1' AND refund_id = 'RF1'",), MANY + 4),
        ((SETTLE, REOPEN), MANY + 5),
        ((SETTLE, f"{REOPEN} WHERE payment_id = 'SK1'"), 2),
        ((CORRECT,), MANY + 6),
        ((SETTLE, CORRECT), 1),
        ((SETTLE, SETTLE), 0),
    ],
)
async def test_what_is_open_is_listed(
    driver: asyncpg.Connection, statements: tuple[str, ...], left: int
) -> None:
    """
    What is expected, settled, opened again or corrected, one or many at once, changes the list likewise.
    """
    for each in statements:
        await driver.execute(each)

    assert await listed(driver) == left


async def test_a_settled_sale_costs_no_entry_of_an_index(driver: asyncpg.Connection) -> None:
    """
    Its new version stands in its page, which has room for it: else each night would write three indexes anew.
    """
    await driver.execute(SETTLE)

    told = await driver.fetchrow("""
        SELECT pg_stat_get_xact_tuples_updated(r) AS updated, pg_stat_get_xact_tuples_hot_updated(r) AS in_place
        FROM CAST('expectation'::regclass AS oid) r
    """)
    assert told["updated"] == told["in_place"] == MANY + 5


async def test_what_a_file_settled_is_found_by_pages(driver: asyncpg.Connection) -> None:
    """
    Where the table is to be read as a whole the index tells which pages may hold it, and no row is missed.
    """
    await driver.execute(SETTLE)
    await driver.execute(SETTLE.replace("'f'", "'g'") + " WHERE payment_id = 'SK7'")
    await driver.execute("SET LOCAL enable_seqscan = off")

    plan = await driver.fetch(
        "EXPLAIN SELECT * FROM expectation WHERE settled_file = ANY(CAST('{g}' AS text[]))"
    )

    found = await driver.fetch("SELECT payment_id FROM shulk_settled_in(ARRAY['g', 'h'])")
    assert [each["payment_id"] for each in found] == ["SK7"]
    assert any("expectation_in_file" in line[0] for line in plan)
