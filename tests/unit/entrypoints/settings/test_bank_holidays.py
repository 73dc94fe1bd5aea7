"""The table of bank holidays, shipped or one's own, and when each sale is due by it."""

from datetime import date, time
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.reconciliation.settlement_terms import END_OF_DAY, SettlementTerm
from entrypoints.cli.main import main
from entrypoints.settings.bank_holidays import FILE_BYTES_MAX, bank_holidays
from entrypoints.settings.readers import (
    fee_rates,
    merchant_codes,
    mids,
    mids_by_method,
    settlement_terms,
)
from entrypoints.settings.settings import VARIABLES
from entrypoints.settings.values import SettingUnreadable

EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
ROW = "[[holiday]]\non = 2027-03-22\nwhy = 'Holi'\n"


def a_file(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_shipped_table_holds_what_is_certain() -> None:
    """
    The national holidays and the bank's yearly closing of both years, each with its reason.
    """
    shipped = bank_holidays("")

    assert shipped.version.startswith("maharashtra-2026-27@")
    assert {
        date(year, month, day)
        for year in (2026, 2027)
        for month, day in ((1, 26), (4, 1), (5, 1), (8, 15), (10, 2), (12, 25))
    } <= set(shipped.days)
    assert {date(2026, 11, 10), date(2026, 11, 24)} <= set(shipped.days)


def test_a_file_of_ones_own_stands_in_its_place(tmp_path: Path) -> None:
    """
    Its version changes with each byte of it.
    """
    one = bank_holidays(a_file(tmp_path, f"version = 'mine'\n{ROW}"))
    other = bank_holidays(a_file(tmp_path, f"version = 'mine'\n# changed\n{ROW}"))

    assert one.days == {date(2027, 3, 22): "Holi"}
    assert one.version != other.version


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version = 'mine'",
        f"version = ''\n{ROW}",
        f"version = 1\n{ROW}",
        "version = 'mine'\nholiday = 1",
        "version = 'mine'\nholiday = []",
        "version = 'mine'\nholiday = [1]",
        "version = 'mine'\n[[holiday]]\non = '2027-03-22'\nwhy = 'Holi'",
        "version = 'mine'\n[[holiday]]\non = 2027-03-22T10:00:00\nwhy = 'Holi'",
        "version = 'mine'\n[[holiday]]\non = 2027-03-22",
        f"version = 'mine'\n{ROW}{ROW}",
        "version = ",
        "#" * (FILE_BYTES_MAX + 1),
    ],
)
def test_a_table_that_is_not_clear_is_refused(tmp_path: Path, text: str) -> None:
    """
    No day is guessed, and none stands there without its reason.
    """
    with pytest.raises(SettingUnreadable):
        bank_holidays(a_file(tmp_path, text))


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path: Path) -> None:
    """
    The service does not start with another table than the operator named.
    """
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    for name in ("missing", "binary"):
        with pytest.raises(SettingUnreadable):
            bank_holidays(str(tmp_path / name))


def test_terms_are_read_by_mid_and_method() -> None:
    """
    A star stands for any; a cut-off follows the days.
    """
    assert settlement_terms("SIM0001/UPI=1@23:00, */CARD=2,*/*=3") == {
        ("SIM0001", "UPI"): SettlementTerm(working_days=1, cut_off=time(23)),
        (None, "CARD"): SettlementTerm(working_days=2, cut_off=END_OF_DAY),
        (None, None): SettlementTerm(working_days=3),
    }
    assert settlement_terms("") == {}


@pytest.mark.parametrize(
    "written",
    ["UPI=1", "*/UPI", "*/UPI=10", "*/UPI=1@24:00", "*/UPI=1@9:00", "*/upi=1", "*/UPI=1,*/UPI=2"],
)
def test_terms_that_are_not_clear_are_refused(written: str) -> None:
    """
    A wrong term would call money missing, or would not.
    """
    with pytest.raises(SettingUnreadable):
        settlement_terms(written)


def test_mids_and_rates_are_read_by_method() -> None:
    """
    The usual contract is free for UPI and RuPay debit; cards alone are exempt of GST up to 2,000.00.
    """
    assert merchant_codes("SIM001=SIM0001,00SIMT90=SIM9001") == {
        "SIM001": "SIM0001",
        "00SIMT90": "SIM9001",
    }
    assert mids(" SIM0001,SIM9001 ") == {"SIM0001", "SIM9001"}
    assert mids_by_method("UPI=SIM0001, CARD=SIM9001") == {"UPI": "SIM0001", "CARD": "SIM9001"}
    assert [
        (rate.method, rate.rate, rate.valid_from, rate.exempt_up_to_paise)
        for rate in fee_rates("UPI=0,RUPAY_DEBIT=0, CARD=1.80,CARD=1.95@2027-04-01,NB=2")
    ] == [
        ("UPI", 0, date.min, 0),
        ("RUPAY_DEBIT", 0, date.min, 2_000_00),
        ("CARD", 180, date.min, 2_000_00),
        ("CARD", 195, date(2027, 4, 1), 2_000_00),
        ("NB", 200, date.min, 0),
    ]


@pytest.mark.parametrize("written", ["UPI", "UPI=", "upi=SIM1", "UPI=SIM1,UPI=SIM2", "UPI=SIM 1"])
def test_mids_that_are_not_clear_are_refused(written: str) -> None:
    """
    A wrong MID would call money missing, or would not.
    """
    with pytest.raises(SettingUnreadable):
        mids_by_method(written)
    with pytest.raises(SettingUnreadable):
        mids(f"{written}/")


@pytest.mark.parametrize(
    "written", ["UPI", "CARD=1.805", "CARD=-1", "CARD=1,CARD=2", "CARD=1@2027-13-01", "CARD=100"]
)
def test_rates_that_are_not_clear_are_refused(written: str) -> None:
    """
    A rate is in hundredths of a per cent, once for each method and day.
    """
    with pytest.raises(SettingUnreadable):
        fee_rates(written)


def test_the_days_of_a_month_are_shown_with_their_reasons() -> None:
    """
    November 2026 has two holidays, and the sales of the 23rd are due on the 25th.
    """
    shown = CliRunner().invoke(main, ["settlements", "calendar", "2026-11"], env=EXAMPLE)

    assert shown.exit_code == 0, shown.output
    lines = {line[:10]: line for line in shown.output.splitlines()}
    assert "closed: second or fourth Saturday" in lines["2026-11-14"]
    assert "closed: Sunday" in lines["2026-11-15"]
    assert "closed: Diwali" in lines["2026-11-10"]
    assert lines["2026-11-23"].endswith("settled by Wed 25 Nov  open")
    assert "no holiday of" not in shown.output


def test_a_year_without_holidays_is_told() -> None:
    """
    Nobody takes an empty year for a year without holidays; the term of a method is the one that was set.
    """
    shown = CliRunner().invoke(
        main,
        ["settlements", "calendar", "2031-01", "--method", "CARD"],
        env=EXAMPLE | {"SHULK_SETTLEMENT_TERMS": "*/CARD=2"},
    )

    assert "The table holds no holiday of 2031" in shown.output
    assert "2031-01-01 Wed  settled by Fri 03 Jan  open" in shown.output
