"""An incremental check of the money invariants reads what has changed, and forgets nothing that it saw."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import pytest

from adapters.postgres.invariants.card_scan import FORBIDDEN, SMALL_ROWS_MAX
from adapters.postgres.invariants.invariants import (
    QUERIES,
    READ_WATCH,
    RECORD_CHANGES,
    RECORD_FULL,
    PostgresInvariants,
)
from adapters.postgres.invariants.watermark import TRANSACTION_MAX
from application.monitoring.check_invariants import CheckInvariants
from fakes.clock import StoppedClock
from ports.monitoring.money_invariants import Breach
from worlds.damaged_books import (
    SOON,
    TOUCHED,
    breaches,
    damaged,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIGNED_IN: Final = """
    INSERT INTO browser_session (id, subject, name, email, phone, roles, began_at, seen_at, ends_at,
                                 idle_seconds, browser, ip)
    VALUES ('s', 's', '6759 6498 2643 8453', '', '', '{}', '2026-08-03', '2026-08-03', '2100-01-01',
            60, '', '')"""
A_MEMBER: Final = """
    INSERT INTO staff (id, name, email, roles, active, attempts, version)
    VALUES ('mira', 'Mira', 'mira@example.com', '{finance}', true, 0, 1)"""


def minutes_later(count: int) -> datetime:
    return SOON + timedelta(minutes=count)


async def names_of(invariants: PostgresInvariants, at: datetime, *, full: bool = False) -> set[str]:
    return {each.invariant.name for each in await breaches(invariants, at, full=full)}


async def passed_by_the_watermark(invariants: PostgresInvariants) -> datetime:
    """Check twice, so long apart that the watermark passes all that is stored; return when it was."""
    later = SOON + TRANSACTION_MAX
    for at in (SOON, later):
        assert await names_of(invariants, at) == set()
    return later


async def test_an_incremental_check_reads_what_has_changed_and_what_was_broken(
    invariants: PostgresInvariants,
) -> None:
    """
    A change that no use case made is found at night. From then on each check tells it, until it is repaired.
    """
    at = await passed_by_the_watermark(invariants)
    await damaged(invariants, "DELETE FROM enrolment", full=False)

    assert await names_of(invariants, at) == set()
    assert await names_of(invariants, at, full=True) == {"paid_without_enrolment"}
    assert await names_of(invariants, at + 2 * TRANSACTION_MAX) == {"paid_without_enrolment"}

    await damaged(
        invariants,
        "INSERT INTO enrolment (payment_id, student_id, course_id, since)"
        " SELECT id, student_id, course_id, opened_at FROM payment WHERE state = 'success'",
    )
    assert await names_of(invariants, at + 2 * TRANSACTION_MAX) == set()


async def test_what_is_not_finished_is_followed_until_it_is_overdue(
    invariants: PostgresInvariants,
) -> None:
    """
    The watermark has long passed the sale when the hour is over in which its invoice was to be issued.
    """
    await passed_by_the_watermark(invariants)

    assert "sold_without_document" not in await names_of(invariants, minutes_later(40))
    assert "sold_without_document" in await names_of(invariants, minutes_later(70))


@pytest.mark.parametrize(
    ("table", "statements"),
    [
        (
            "browser_session",
            (SIGNED_IN,),
        ),
        (
            "discount_use",
            (
                "UPDATE payment SET discount_code = '6759-6498-2643-8453'",
                "UPDATE discount_use SET code = '6759-6498-2643-8453'",
            ),
        ),
        ("staff", ("UPDATE staff SET name = '6759 6498 2643 8453'",)),
    ],
)
async def test_a_card_number_in_a_table_that_numbers_no_rows_is_found_within_minutes(
    invariants: PostgresInvariants, table: str, statements: tuple[str, ...]
) -> None:
    """
    By what is in use, by the payments that have changed, or because the table is small.
    """
    async with invariants.database.borrow() as connection:
        await connection.driver.execute(A_MEMBER)
        await connection.driver.execute("SET session_replication_role = replica")
        for each in statements:
            await connection.driver.execute(each)

    found = await invariants.check(FORBIDDEN, SOON, full=False)

    assert table in {
        subject for each in found if isinstance(each, Breach) for subject in each.subjects
    }


async def test_a_table_that_is_not_small_is_read_whole_at_night(
    invariants: PostgresInvariants,
) -> None:
    """
    What an incremental check reads of it has a bound, so that it takes no longer when the table grows.
    """
    async with invariants.database.borrow() as connection:
        await connection.driver.execute(
            "INSERT INTO job_run SELECT CASE WHEN n = $1 THEN '6759 6498 2643 8453' ELSE n::text END,"
            " '2026-08-03' FROM generate_series(1, $1) n",
            SMALL_ROWS_MAX + 1,
        )

    assert await invariants.check(FORBIDDEN, SOON, full=False) == []
    (breach,) = await invariants.check(FORBIDDEN, SOON, full=True)
    assert isinstance(breach, Breach)
    assert breach.subjects == ("job_run",)


async def test_rows_that_become_visible_late_are_checked(committed: PostgresInvariants) -> None:
    """
    Ids are given out before their rows are visible: a transaction with a smaller id may end later.
    """
    at = await passed_by_the_watermark(committed)
    async with committed.database.borrow() as connection:
        driver: asyncpg.Connection = connection.driver
        await driver.execute("SET session_replication_role = replica")
        # All committed are checked meanwhile, on a busy machine for longer than a unit may be idle.
        await driver.execute("SET idle_in_transaction_session_timeout = 0")
        transaction = driver.transaction()
        await transaction.start()
        await driver.execute(TOUCHED.format(subject="id"))
        await driver.execute("DELETE FROM enrolment")
        await damaged(committed, TOUCHED.format(subject="'SKLATER'"))
        assert await names_of(committed, at) == set()
        await transaction.commit()

    assert await names_of(committed, at + TRANSACTION_MAX) == {"paid_without_enrolment"}


async def test_what_has_no_time_left_takes_nothing_from_the_others(
    committed: PostgresInvariants,
) -> None:
    """
    A locked table stands for one that is too big: its committed are named, and the others are checked.
    """
    await damaged(committed, "DELETE FROM enrolment", full=False)
    hurried = replace(committed, full_time_limit=timedelta(milliseconds=300))
    async with committed.database.borrow() as connection, connection.driver.transaction():
        await connection.driver.execute("LOCK TABLE discount IN ACCESS EXCLUSIVE MODE")
        found = await CheckInvariants(hurried, StoppedClock(SOON))()

    assert "paid_without_enrolment" in {each.invariant.name for each in found.broken}
    assert {"discount_count_disagrees", FORBIDDEN.name} <= {
        each.invariant.name for each in found.unchecked
    }
    unchecked = await committed.not_checked_in_full(SOON)
    assert {"discount_count_disagrees", FORBIDDEN.name} <= {each.name for each in unchecked}


async def test_a_full_check_is_due_until_it_was_made(invariants: PostgresInvariants) -> None:
    """
    Of those only that have an incremental check which costs less.
    """
    wanted = {each.invariant.name for each in QUERIES if each.among} | {FORBIDDEN.name}

    assert {each.name for each in await invariants.not_checked_in_full(SOON)} == wanted
    await breaches(invariants, SOON)
    assert await invariants.not_checked_in_full(SOON) == []
    late = await invariants.not_checked_in_full(minutes_later(1))
    assert {each.name for each in late} == wanted


async def test_an_incremental_check_beside_a_full_one_loses_nothing(
    invariants: PostgresInvariants,
) -> None:
    """
    Whoever read the watermark before another check moved it records nothing of its own.
    """
    name = "paid_without_enrolment"
    (row,) = await invariants.database.fetch(READ_WATCH, name=name)
    await breaches(invariants, SOON, full=False)
    written = {"name": name, "watermarks": "{}", "followed": ["SKX"], "full_at": SOON}
    await invariants.database.fetch(RECORD_CHANGES, **written, version=row["version"])
    (after,) = await invariants.database.fetch(READ_WATCH, name=name)
    assert after["watermarks"] != {}
    assert after["followed"] == []

    await invariants.database.fetch(RECORD_FULL, **written, version=row["version"])
    (after,) = await invariants.database.fetch(READ_WATCH, name=name)
    assert after["watermarks"] != {}
    assert after["followed"] == ["SKX"]
