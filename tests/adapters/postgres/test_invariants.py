"""Each money invariant finds exactly what breaks it, and nothing in books that are in order."""

# ruff: noqa: S608 - only our own words stand in these texts

from datetime import timedelta
from typing import Final

import pytest

from adapters.postgres.invariants.invariants import FAILING, OVERDUE, PostgresInvariants
from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from books import broken_books
from fakes.alerts import AlertBook
from fakes.clock import StoppedClock
from ports.alerts import AlertKind
from worlds.damaged_books import (
    AN_HOUR_AGO,
    BREAKS,
    LETTER,
    NIGHTLY,
    POLLED,
    SOON,
    VOID,
    breaches,
    broken,
    counted,
    damage,
    decided,
    filed,
    found,
    invoice,
    note,
)
from worlds.postgres import HandClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTBOX_ARCHIVED: Final = """
    INSERT INTO archived_records (kind, month, state, manifest, exported_at)
    VALUES ('outbox', '2099-01-01', 'dropped', '', now())
"""
"""Tasks that were done before the end of the month may have left the outbox."""


async def test_books_in_order_break_none(invariants: PostgresInvariants) -> None:
    """
    A sale, an open payment, letters and webhooks under way are no reason to call anybody.
    """
    assert await breaches(invariants) == []


@pytest.mark.parametrize("name", BREAKS)
async def test_each_finds_what_breaks_it(invariants: PostgresInvariants, name: str) -> None:
    """
    The named one, among whatever else the same damage breaks; alike in all books and in what has changed.
    """
    await damage(invariants, *BREAKS[name])
    # What the other suites ask after each test: every invariant in full, in one statement.
    async with invariants.database.borrow() as connection:
        at_once = (await broken_books(connection.driver, SOON)).keys()
    suspects = [each for each in invariants.known if each.name in at_once]
    check = CheckInvariants(invariants, StoppedClock(SOON))
    # The incremental one comes first: a full check takes down what it found.
    by_changes = {
        each.invariant.name: each for each in (await check(only=suspects, full=False)).broken
    }
    everywhere = {each.invariant.name: each for each in (await check(only=suspects)).broken}

    assert name in everywhere
    assert at_once == everywhere.keys()
    assert name not in NIGHTLY or name not in by_changes
    assert {each: found for each, found in everywhere.items() if each not in NIGHTLY} == by_changes


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("sold_without_document", (AN_HOUR_AGO, invoice(), counted("INV", 1))),
        (
            "refunded_without_note",
            (
                *BREAKS["refunded_without_note"],
                LETTER.format(task="credit_note", subject="'RF' || substr(id, 3)", why="'told'"),
            ),
        ),
        (
            "refunded_without_note",
            (
                *BREAKS["refunded_without_note"],
                note(1),
                counted("CRN", 1),
                (
                    "UPDATE tax_document SET refund_id = 'RF' || substr(payment_id, 3)"
                    " WHERE series = 'CRN'"
                ),
            ),
        ),
        ("document_not_filed", (*BREAKS["document_not_filed"], filed("original", "duplicate"))),
        (
            "document_without_letter",
            (
                *BREAKS["document_without_letter"],
                LETTER.format(task="payment_confirmation", subject="id", why="NULL"),
            ),
        ),
        (
            "document_without_letter",
            (
                *BREAKS["document_without_letter"],
                LETTER.format(task="payment_confirmation", subject="id", why="NULL"),
                note(1),
                counted("CRN", 1),
                "UPDATE tax_document SET issued_at = '2026-01-01' WHERE series = 'CRN'",
                LETTER.format(task="refund_confirmation", subject="'RF1'", why="NULL"),
            ),
        ),
        ("sold_without_a_word", (*BREAKS["sold_without_a_word"], OUTBOX_ARCHIVED)),
        ("document_without_letter", (*BREAKS["document_without_letter"], OUTBOX_ARCHIVED)),
    ],
)
async def test_what_was_done_after_all_breaks_nothing(
    invariants: PostgresInvariants, name: str, mended: tuple[str, ...]
) -> None:
    """
    The document, its letter, or the word of a person who closed the errand.
    """
    assert name not in await broken(invariants, *mended)


@pytest.mark.parametrize("copies", [("original",), ("duplicate",)])
async def test_one_copy_is_not_both(
    invariants: PostgresInvariants, copies: tuple[str, ...]
) -> None:
    """
    Services are invoiced in duplicate.
    """
    damage = (*BREAKS["document_not_filed"], filed(*copies))

    assert "document_not_filed" in await broken(invariants, *damage)


async def test_a_void_document_is_filed_as_such(invariants: PostgresInvariants) -> None:
    """
    The copies from before say that it stands.
    """
    damage = (*BREAKS["document_not_filed"], filed("original", "duplicate"), VOID)
    assert "document_not_filed" in await broken(invariants, *damage)

    mended = filed("original", "duplicate", ordinal=2, void=True)
    assert "document_not_filed" not in await broken(invariants, mended)


async def test_a_document_and_its_letter_have_an_hour(invariants: PostgresInvariants) -> None:
    """
    A worker that restarts, or has much to do, is no reason to call anybody. What is seeded is not posted.
    """
    issued = f"UPDATE tax_document SET issued_at = '{SOON - OVERDUE}'"

    found = await broken(invariants, invoice(), counted("INV", 1), issued)

    assert found == {"output_tax_differs"}


async def test_a_breach_names_what_to_look_at(invariants: PostgresInvariants) -> None:
    """
    Which payment it is, and how many there are in all.
    """
    await broken(invariants, "DELETE FROM enrolment")
    (breach,) = await breaches(invariants)

    async with invariants.database.borrow() as connection:
        sold = await connection.driver.fetchval("SELECT id FROM payment WHERE state = 'success'")
    assert breach.count == 1
    assert breach.subjects == (sold,)


async def test_what_was_given_up_calls_a_person(invariants: PostgresInvariants) -> None:
    """
    The job that comes round every five minutes alerts, with the line and what became of the student.
    """
    await broken(invariants, *BREAKS["errand_given_up"])
    alerts, clock = AlertBook(), HandClock(SOON)

    await WatchInvariants(CheckInvariants(invariants, clock), alerts).changes()

    (alert,) = alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.INVARIANT_BROKEN, "errand_given_up")
    async with invariants.database.borrow() as connection:
        line = await connection.driver.fetchval("SELECT id FROM outbox")
    assert (alert.facts["entry"], alert.facts["count"]) == (str(line), "1")


async def test_many_breaches_are_counted_and_few_are_named(invariants: PostgresInvariants) -> None:
    """
    An alert that lists a million ids helps nobody.
    """
    await broken(
        invariants,
        "INSERT INTO document_number SELECT '27AAECD1234F1Z3', 'INV', year, 1"
        " FROM generate_series(2001, 2050) year",
    )
    (breach,) = await breaches(invariants)

    assert breach.count == 50
    assert len(breach.subjects) == 20


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("inbox_keeps_failing", "UPDATE inbox SET state = 'deferred', attempts = 2, received_at"),
        ("outbox_keeps_failing", "UPDATE outbox SET attempts = 2, why = 'away', written_at"),
        ("order_poll_keeps_failing", "UPDATE question SET attempts = 2, why = 'away', since"),
        (
            "refund_poll_keeps_failing",
            "UPDATE refund_watch SET attempts = 2, why = 'away', watched_since",
        ),
    ],
)
async def test_an_entry_that_fails_is_told_by_its_age(
    invariants: PostgresInvariants, name: str, statement: str
) -> None:
    """
    A day of failures, however few they were; what waits for its first day is no reason to call anybody.
    """
    before = POLLED if name.startswith("refund") else ()
    young = await broken(invariants, *before, f"{statement} = '{SOON - FAILING}'")
    old = await broken(invariants, f"{statement} = '{SOON - FAILING - timedelta(seconds=1)}'")

    assert name not in young
    assert name in old


@pytest.mark.parametrize(("days", "told"), [(1, False), (3, True)])
async def test_webhooks_about_orders_of_others_have_their_day(
    invariants: PostgresInvariants,
    days: int,
    told: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """
    They are refused after a day; one that is still there has met an error.
    """
    found = await broken(
        invariants,
        "UPDATE inbox SET state = 'deferred', attempts = 30, order_id = 'SKOFNOBODY',"
        f" received_at = '{SOON - timedelta(days=days)}'",
    )

    assert ("inbox_keeps_failing" in found) is told


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((found("resolved"), decided(paise=100_00)), set()),
        (
            (found("resolved"), decided(action="not_ours", alone="NULL")),
            {"decided_alone_above_limit"},
        ),
        (
            (
                found("resolved"),
                *(decided(sequence=each, paise=90_00, alone=str(each)) for each in range(1, 7)),
            ),
            {"decided_alone_above_limit"},
        ),
        (
            (
                found("resolved"),
                decided(paise=900_00, alone="NULL"),
                "UPDATE resolution SET approved_by = 'staff:noor', approved_at = decided_at",
            ),
            set(),
        ),
        (
            (found("awaiting_approval"), decided(state="proposed", paise=900_00, alone="NULL")),
            set(),
        ),
        (
            (
                found("awaiting_approval"),
                decided(state="proposed", paise=900_00, alone="NULL", days_ago=8),
            ),
            {"approval_forgotten"},
        ),
    ],
    ids=["alone", "never alone", "day", "two people", "waits", "waits for long"],
)
async def test_what_one_person_decides_alone_has_limits(
    invariants: PostgresInvariants, statements: tuple[str, ...], expected: set[str]
) -> None:
    """
    Each amount, and the sum of a day; two people may decide any, and a proposal has a week.
    """
    assert await broken(invariants, *statements) == expected
