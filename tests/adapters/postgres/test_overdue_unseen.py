"""What is overdue by the bank's calendar, and no discrepancy says so, is found: no day too early, none too late."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

import pytest

from adapters.postgres.invariants.invariants import PostgresInvariants
from application.monitoring.check_invariants import CheckInvariants
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.settlement_terms import SettlementTerm, SettlementTerms
from fakes.clock import StoppedClock
from worlds.damaged_books import damage, filed_settlement

pytestmark = pytest.mark.asyncio(loop_scope="session")

TUESDAY: Final = datetime(2026, 8, 4, 6, 30, tzinfo=UTC)
"""The time of the check: the run of that day may not have been yet."""

FRIDAY: Final = "2026-07-31"
SATURDAY: Final = date(2026, 8, 1)
"""The first of the month: the bank works."""

FILED: Final = filed_settlement(100, posted_at="timestamptz '2020-01-01'", journal="1")
"""Of MID M, settled on Monday the 3rd."""


def agreed(
    *holidays: date, working_days: int = 1, grace: int = 0, mids: frozenset[str] = frozenset()
) -> Agreement:
    terms = SettlementTerms(
        calendar=BankCalendar(version="test", holidays=frozenset(holidays)),
        terms={(None, None): SettlementTerm(working_days=working_days)},
        file_grace=grace,
    )
    return Agreement(terms=terms, mids=mids)


def sold_on(day: str) -> str:
    return f"UPDATE expectation SET business_date = '{day}'"  # noqa: S608 - our own words


def answered(answer: str, day: str, mid: str) -> str:
    return f"""
        INSERT INTO report_answer (mid, day, origin, answer, asked_at, first_asked_at, times)
        VALUES ('{mid}', '{day}', 'report', '{answer}', '2026-08-01', '2026-08-01', 1)
    """  # noqa: S608 - our own words


@pytest.mark.parametrize(
    ("agreement", "done", "found"),
    [
        (agreed(), (sold_on(FRIDAY), *FILED), True),
        # Due on Monday: a run of Tuesday says so first.
        (agreed(SATURDAY), (sold_on(FRIDAY), *FILED), False),
        (agreed(SATURDAY), (sold_on("2026-07-30"), *FILED), True),
        (agreed(working_days=2), (sold_on(FRIDAY), *FILED), False),
        (agreed(grace=1), (sold_on(FRIDAY), *FILED), False),
        # Far longer ago than the calendar that is asked.
        (agreed(working_days=2), (sold_on("2025-01-01"), *FILED), True),
        # Each of our MIDs has to have a file, while nobody knows over which one it is settled.
        (agreed(mids=frozenset({"M"})), (sold_on(FRIDAY), *FILED), True),
        (agreed(mids=frozenset({"M", "N"})), (sold_on(FRIDAY), *FILED), False),
        (
            agreed(mids=frozenset({"M", "N"})),
            (sold_on(FRIDAY), answered("nothing_settled", "2026-08-03", "N"), *FILED),
            True,
        ),
        # A source still has to bring a file that may hold it.
        (agreed(), (sold_on(FRIDAY), answered("not_ready", "2026-08-01", "*"), *FILED), False),
        (agreed(), (sold_on(FRIDAY), answered("not_ready", "2026-08-02", "M"), *FILED), True),
        # A report is held, or so new that no run may have seen it.
        (agreed(), (sold_on(FRIDAY), *FILED, "UPDATE settlement SET state = 'held'"), False),
        (
            agreed(),
            (sold_on(FRIDAY), *FILED, "UPDATE settlement SET posted_at = '2026-08-04'"),
            False,
        ),
    ],
)
async def test_what_is_overdue_has_a_discrepancy(
    invariants: PostgresInvariants, agreement: Agreement, done: tuple[str, ...], *, found: bool
) -> None:
    """
    By working days, terms, grace, and up to the day of which the files are there.
    """
    await damage(invariants, *done)
    (asked,) = (each for each in invariants.known if each.name == "overdue_unseen")
    check = CheckInvariants(replace(invariants, agreement=agreement), StoppedClock(TUESDAY))

    told = await check(only=[asked])

    assert not told.unchecked
    assert bool(told.broken) is found
