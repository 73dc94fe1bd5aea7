"""The bank's working days, and what is due on which of them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_day import IST
from domain.reconciliation.bank_calendar import BankCalendar, HolidaysImplausible
from domain.reconciliation.settlement_terms import SettlementTerm, SettlementTerms

HOLIDAYS = frozenset(
    {
        date(2026, 11, 10),
        date(2026, 11, 24),
        date(2026, 12, 25),
        date(2027, 1, 26),
        date(2027, 4, 1),
    }
)
CALENDAR = BankCalendar(version="vectors", holidays=HOLIDAYS)
T_PLUS_1 = SettlementTerms(calendar=CALENDAR)
T_PLUS_2 = SettlementTerms(
    calendar=CALENDAR, terms={("SIM0001", "UPI"): SettlementTerm(working_days=2)}
)

VECTORS = [
    (datetime(2026, 11, 12, 10, 15, tzinfo=IST), date(2026, 11, 13), date(2026, 11, 16)),
    (datetime(2026, 11, 12, 23, 58, tzinfo=IST), date(2026, 11, 13), date(2026, 11, 16)),
    (datetime(2026, 11, 13, 0, 1, tzinfo=IST), date(2026, 11, 16), date(2026, 11, 17)),
    (datetime(2026, 11, 13, 19, tzinfo=IST), date(2026, 11, 16), date(2026, 11, 17)),
    (datetime(2026, 11, 14, 12, tzinfo=IST), date(2026, 11, 16), date(2026, 11, 17)),
    (datetime(2026, 11, 15, 12, tzinfo=IST), date(2026, 11, 16), date(2026, 11, 17)),
    (datetime(2026, 11, 20, 12, tzinfo=IST), date(2026, 11, 21), date(2026, 11, 23)),
    (datetime(2026, 11, 23, 12, tzinfo=IST), date(2026, 11, 25), date(2026, 11, 26)),
    (datetime(2026, 11, 27, 12, tzinfo=IST), date(2026, 11, 30), date(2026, 12, 1)),
    (datetime(2026, 12, 24, 12, tzinfo=IST), date(2026, 12, 28), date(2026, 12, 29)),
    (datetime(2027, 1, 22, 12, tzinfo=IST), date(2027, 1, 25), date(2027, 1, 27)),
    (datetime(2027, 3, 31, 20, tzinfo=IST), date(2027, 4, 2), date(2027, 4, 3)),
]


@pytest.mark.parametrize(("captured", "one", "two"), VECTORS)
def test_a_capture_is_due_working_days_later(captured: datetime, one: date, two: date) -> None:
    """
    Sundays, second and fourth Saturdays and holidays are no working days; T+n by MID and method.
    """
    assert T_PLUS_1.due_on(captured.astimezone(UTC), "SIM0001", "UPI") == one
    assert T_PLUS_2.due_on(captured.astimezone(UTC), "SIM0001", "UPI") == two


def test_the_more_exact_term_wins() -> None:
    """
    A term of MID and method goes before one of the MID, that before one of the method.
    """
    terms = SettlementTerms(
        calendar=CALENDAR,
        terms={
            (None, None): SettlementTerm(working_days=2),
            (None, "CARD"): SettlementTerm(working_days=3),
            ("SIM9001", None): SettlementTerm(working_days=4),
            ("SIM9001", "CARD"): SettlementTerm(working_days=5),
        },
    )

    assert [
        terms.term_of(mid, method).working_days
        for mid, method in [
            ("SIM9001", "CARD"),
            ("SIM9001", "UPI"),
            ("SIM0001", "CARD"),
            ("SIM0001", "UPI"),
        ]
    ] == [5, 4, 3, 2]


def test_what_comes_after_the_cut_off_belongs_to_the_next_day() -> None:
    """
    With a cut-off of 23:00 a capture of that minute is counted to the next day.
    """
    terms = SettlementTerms(
        calendar=CALENDAR, terms={(None, None): SettlementTerm(cut_off=time(23))}
    )
    before, at = (
        datetime(2026, 11, 11, 22, 59, tzinfo=IST),
        datetime(2026, 11, 11, 23, tzinfo=IST),
    )

    assert terms.business_date_of(before, None, None) == date(2026, 11, 11)
    assert terms.business_date_of(at, None, None) == date(2026, 11, 12)
    assert terms.due_on(at, None, None) == date(2026, 11, 13)


@pytest.mark.parametrize(
    ("today", "complete_until", "grace", "overdue"),
    [
        (date(2026, 11, 13), date(2026, 11, 13), 0, False),  # the due day has not ended
        (date(2026, 11, 14), date(2026, 11, 13), 0, True),
        (date(2026, 11, 14), date(2026, 11, 12), 0, False),  # the file of the due day is not there
        (date(2026, 12, 14), None, 0, False),
        (date(2026, 11, 16), date(2026, 11, 16), 1, False),  # the working day of grace
        (date(2026, 11, 17), date(2026, 11, 16), 1, True),
    ],
)
def test_only_a_complete_file_makes_it_overdue(
    today: date, complete_until: date | None, grace: int, *, overdue: bool
) -> None:
    """
    What was due on Friday the 13th is missing when the day and its grace have ended, and a file proves it.
    """
    terms = SettlementTerms(calendar=CALENDAR, file_grace=grace)

    assert terms.is_overdue(date(2026, 11, 13), today, complete_until) is overdue


def test_a_credit_has_a_working_day_of_grace() -> None:
    """
    The credit for Friday the 13th is in time on Monday the 16th: the 14th is a second Saturday.
    """
    assert T_PLUS_1.credit_due_on(date(2026, 11, 13)) == date(2026, 11, 16)


def test_working_time_stands_still_on_closed_days() -> None:
    """
    48 hours from Friday noon end on Tuesday noon; from a Sunday they begin on Monday.
    """
    friday = datetime(2026, 11, 13, 12, tzinfo=IST)
    sunday = datetime(2026, 11, 15, 12, tzinfo=IST)

    assert CALENDAR.add_working_time(friday, timedelta(hours=48)) == datetime(
        2026, 11, 17, 12, tzinfo=IST
    )
    assert CALENDAR.add_working_time(sunday, timedelta(hours=48)) == datetime(
        2026, 11, 18, tzinfo=IST
    )


def test_a_table_without_working_days_is_refused() -> None:
    """
    A table that closes the bank for more than a month is wrong, and no due day is drawn from it.
    """
    day = date(2026, 11, 1)
    closed = BankCalendar(
        version="wrong", holidays=frozenset(day + timedelta(days=each) for each in range(40))
    )

    with pytest.raises(HolidaysImplausible):
        closed.first_working_day(day)


def test_today_is_taken_when_nothing_is_to_be_waited_for() -> None:
    """
    Zero working days after a closed day is the next working day, after a working day that day.
    """
    assert CALENDAR.add_working_days(date(2026, 11, 14), 0) == date(2026, 11, 16)
    assert CALENDAR.add_working_days(date(2026, 11, 13), 0) == date(2026, 11, 13)


@given(
    day=st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    working_days=st.integers(1, 10),
)
def test_a_due_day_is_a_working_day_after_exactly_so_many(day: date, working_days: int) -> None:
    """
    Between a day and what is due n working days later lie n working days, the due day included.
    """
    due = CALENDAR.add_working_days(day, working_days)
    between = [day + timedelta(days=each + 1) for each in range((due - day).days)]

    assert CALENDAR.is_working_day(due)
    assert sum(CALENDAR.is_working_day(each) for each in between) == working_days
