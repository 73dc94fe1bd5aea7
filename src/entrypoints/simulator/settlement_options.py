"""The options of ``shulk simulator`` for settlements: calendar, fees and the merchant's codes."""

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, TypedDict

import rich_click as click

from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.bank_calendar import read_holidays
from entrypoints.simulator.settlement.fee_contract import USUAL_RATES, FeeHeads, FeeTerms
from entrypoints.simulator.settlement.merchant_codes import MerchantCodes, read_mid_codes
from entrypoints.simulator.settlement.settlement_config import SettlementConfig

DEFAULTS: Final = SettlementConfig()


class SettlementOptions(TypedDict):
    settlement_days: int
    settlement_time: time
    holidays: frozenset[date]
    mdr: dict[Method, Decimal]
    fee_heads: str
    mid_codes: dict[Method, MerchantCodes]
    settlement_page_lines: int


def time_of_day(_: click.Context, __: click.Parameter, value: str) -> time:
    try:
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - a time of the day in India
    except ValueError:
        raise click.BadParameter("write it as HH:MM") from None


def holidays(_: click.Context, __: click.Parameter, value: Path | None) -> frozenset[date]:
    if value is None:
        return frozenset()
    try:
        return read_holidays(value.read_text(encoding="utf-8"))
    except (OSError, ValueError) as complaint:
        raise click.BadParameter(str(complaint)) from None


def rates(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[Method, Decimal]:
    found = {}
    for each in values:
        method, rate = each.partition("=")[::2]
        try:
            found[Method(method)] = FeeTerms(rate=Decimal(rate)).rate
        except InvalidOperation:
            raise click.BadParameter("write it as METHOD=RATE, such as CARD=1.80") from None
        except ValueError as complaint:
            raise click.BadParameter(f"write it as METHOD=RATE; {complaint}") from None
    return found


def mid_codes(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> dict[Method, MerchantCodes]:
    try:
        return read_mid_codes(values)
    except ValueError as complaint:
        raise click.BadParameter(str(complaint)) from None


SETTLEMENT_OPTIONS: Final = (
    click.option(
        "--settle-after",
        "settlement_days",
        default=DEFAULTS.after_working_days,
        show_default=True,
        type=click.IntRange(0, 30),
        help="After how many working days a payment or refund is settled.",
    ),
    click.option(
        "--settle-at",
        "settlement_time",
        default=f"{DEFAULTS.at:%H:%M}",
        show_default=True,
        callback=time_of_day,
        metavar="HH:MM",
        help="Time of day (IST) from which the day's settlement report is ready.",
    ),
    click.option(
        "--holidays",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        callback=holidays,
        help="File of the bank's holidays: a day such as 2026-11-24 begins each line.",
    ),
    click.option(
        "--mdr",
        multiple=True,
        callback=rates,
        metavar="METHOD=RATE",
        help="Fee in per cent; may be repeated. Otherwise "
        f"{', '.join(f'{method}={rate}' for method, rate in USUAL_RATES.items())}.",
    ),
    click.option(
        "--fee-heads",
        default=DEFAULTS.fee_heads.value,
        show_default=True,
        type=click.Choice([each.value for each in FeeHeads]),
        help="GST on fees as IGST, or split into CGST and SGST.",
    ),
    click.option(
        "--mid-codes",
        multiple=True,
        callback=mid_codes,
        metavar="METHOD=MID/CODE",
        help="MID of a method, and its 6-character code in narrations; may be repeated.",
    ),
    click.option(
        "--settlement-page-lines",
        default=DEFAULTS.page_lines,
        show_default=True,
        type=click.IntRange(1),
        help="Lines on one page of a settlement report.",
    ),
)
