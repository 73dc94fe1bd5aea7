"""When the simulated bank pays out, and what it charges for it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.bank_calendar import IST, BankCalendar, read_holidays
from entrypoints.simulator.settlement.bank_clock import BankClock
from entrypoints.simulator.settlement.fee_contract import (
    FeeContract,
    FeeHeads,
    Fees,
    FeeTerms,
    new_contract,
)
from entrypoints.simulator.settlement.merchant_codes import USUAL_CODES, read_mid_codes
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms

HOLIDAYS = """
# State holidays
2026-11-10, Festival
2026-11-24 Anniversary
2026-12-25

2027-01-26,Republic Day
2027-04-01
"""
CALENDAR = BankCalendar(read_holidays(HOLIDAYS))


@pytest.mark.parametrize(
    ("captured", "next_day", "second_day"),
    [
        ("2026-11-12T10:15", "2026-11-13", "2026-11-16"),
        ("2026-11-12T23:58", "2026-11-13", "2026-11-16"),
        ("2026-11-13T00:01", "2026-11-16", "2026-11-17"),
        ("2026-11-13T19:00", "2026-11-16", "2026-11-17"),
        ("2026-11-14T12:00", "2026-11-16", "2026-11-17"),
        ("2026-11-15T12:00", "2026-11-16", "2026-11-17"),
        ("2026-11-20T12:00", "2026-11-21", "2026-11-23"),
        ("2026-11-23T12:00", "2026-11-25", "2026-11-26"),
        ("2026-11-27T12:00", "2026-11-30", "2026-12-01"),
        ("2026-12-24T12:00", "2026-12-28", "2026-12-29"),
        ("2027-01-22T12:00", "2027-01-25", "2027-01-27"),
        ("2027-03-31T20:00", "2027-04-02", "2027-04-03"),
    ],
)
def test_a_payment_is_due_so_many_working_days_later(
    captured: str, next_day: str, second_day: str
) -> None:
    """
    Sundays, second and fourth Saturdays and holidays do not count, whatever the clock of the machine says.
    """
    moment = datetime.fromisoformat(captured).replace(tzinfo=IST).astimezone(UTC)

    due = [
        SettlementTerms(after_working_days=days, calendar=CALENDAR).due_on(moment).isoformat()
        for days in (1, 2)
    ]

    assert due == [next_day, second_day]


def test_without_a_wait_it_is_due_on_the_first_open_day() -> None:
    assert CALENDAR.after(date(2026, 11, 12), 0) == date(2026, 11, 12)
    assert CALENDAR.after(date(2026, 11, 14), 0) == date(2026, 11, 16)
    assert list(CALENDAR.working_days(date(2026, 11, 13), date(2026, 11, 17))) == [
        date(2026, 11, 13),
        date(2026, 11, 16),
        date(2026, 11, 17),
    ]


@pytest.mark.parametrize("line", ["10-11-2026", "2026-11-31", "2026-11-100", "tomorrow"])
def test_an_unreadable_holiday_is_named_by_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_holidays(f"2026-11-10\n{line}\n")


def test_the_clock_is_turned_and_released() -> None:
    """
    It goes on from where it was set, or stands still; then it is the source's time again.
    """
    start = datetime(2026, 11, 12, tzinfo=UTC)
    source = [start]
    clock = BankClock(lambda: source[0])

    clock.turn(start + timedelta(days=3))
    source[0] += timedelta(seconds=5)
    going = clock()
    clock.turn(start, frozen=True)
    source[0] += timedelta(seconds=5)

    assert going == start + timedelta(days=3, seconds=5)
    assert (clock(), clock.is_frozen) == (start, True)
    clock.release()
    assert (clock(), clock.is_turned) == (source[0], False)


@pytest.mark.parametrize(
    ("gross", "rate", "igst", "split"),
    [
        (11800_00, "1.80", Fees(fee=212_40, igst=38_23), Fees(fee=212_40, cgst=19_12, sgst=19_12)),
        (10620_00, "1.80", Fees(fee=191_16, igst=34_41), Fees(fee=191_16, cgst=17_20, sgst=17_20)),
        (
            118000_00,
            "1.80",
            Fees(fee=2124_00, igst=382_32),
            Fees(fee=2124_00, cgst=191_16, sgst=191_16),
        ),
        (1770_00, "1.80", Fees(fee=31_86), Fees(fee=31_86)),
        (999_00, "0.90", Fees(fee=8_99), Fees(fee=8_99)),
    ],
)
def test_what_a_card_payment_costs(gross: int, rate: str, igst: Fees, split: Fees) -> None:
    """
    Half a paisa is rounded up, per line; two heads of 9 % are rounded each for itself; up to 2,000.00 is exempt.
    """
    terms = [FeeTerms(rate=Decimal(rate), heads=heads) for heads in FeeHeads]

    assert [each.fees(Method.CARD, gross) for each in terms] == [igst, split]


def test_only_card_payments_are_exempt() -> None:
    fees = FeeTerms(rate=Decimal("0.90")).fees(Method.NB, 999_00)

    assert (fees.fee, fees.tax, fees.total) == (8_99, 1_62, 10_61)
    split = FeeTerms(heads=FeeHeads.SPLIT).with_tax(8_99)
    assert (split.cgst, split.sgst) == (81, 81)


def test_the_contract_is_changed_method_by_method() -> None:
    contract = new_contract({Method.UPI: Decimal("0.30")}, FeeHeads.SPLIT)
    contract.change(Method.CARD, rate=Decimal(2), gst=Decimal(12), heads=FeeHeads.IGST)

    assert contract.fees(Method.UPI, 1000_00) == Fees(fee=3_00, cgst=27, sgst=27)
    assert contract.fees(Method.CARD, 5000_00) == Fees(fee=100_00, igst=12_00)
    assert FeeContract().fees(Method.UPI, 1000_00) == Fees()
    for rate in ("-1", "10.01", "1.805", "NaN"):
        with pytest.raises(ValueError, match="rate"):
            contract.change(Method.CARD, rate=Decimal(rate))


def test_mids_and_codes_are_named_by_method() -> None:
    codes = read_mid_codes(["UPI=SIM0002/SIM002"])

    assert (codes[Method.UPI].mid, codes[Method.UPI].narration_code) == ("SIM0002", "SIM002")
    assert codes[Method.CARD] == USUAL_CODES[Method.CARD]
    assert codes[Method.CARD].terminal == "00SIMT90"
    for wrong in ("UPI", "UPI=SIM0002", "WALLET=SIM0002/SIM002", "UPI=SIM9001/SIM002", "UPI=x/y"):
        with pytest.raises(ValueError, match=r"method|METHOD"):
            read_mid_codes([wrong])
