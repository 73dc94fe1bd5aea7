"""
The control API for the bank's time and terms.

- ``POST /_control/clock`` ``{"now": null, "forward_days": 0, "forward_seconds": 0, "frozen": false, "holidays":
  null}`` turns the bank's time: to *now* (an instant with its offset), then forward. With *frozen* it stands still.
  *holidays* replaces the bank's holidays. ``GET`` shows it, ``DELETE`` ends it, also the holidays. All three answer
  ``{"now", "frozen", "turned", "today", "working_day", "next_working_day", "holidays"}``, days in IST.
- ``POST /_control/fees`` ``{"method": "UPI"|"CARD"|"NB", "rate": "1.80", "gst": "18", "heads": "igst"|"split"}``
  changes the fee of one method for the settlements that follow; what is null stays. It answers the whole contract.
- ``POST /_control/reserve`` ``{"percent": "5", "days": 30}`` holds back that part of each settlement's credits, and
  releases it in the first settlement of the MID that many days later; zero per cent ends it.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.exceptions import ClientException
from litestar.params import JSONBody

from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.bank_calendar import BankCalendar, ist_day
from entrypoints.simulator.settlement.fee_contract import FeeHeads
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import Strict, instant, json_answer

YEARS: Final = (2000, 2100)
RESERVE_MAX: Final = 50
Days = Annotated[int, msgspec.Meta(ge=0, le=3660)]
Forward = Annotated[float, msgspec.Meta(ge=0, le=3660 * 86400)]


class Turn(Strict):
    now: datetime | None = None
    forward_days: Days = 0
    forward_seconds: Forward = 0
    frozen: bool = False
    holidays: frozenset[date] | None = None


class ChangeFees(Strict):
    method: Method
    rate: str | None = None
    gst: str | None = None
    heads: FeeHeads | None = None


class Reserve(Strict):
    percent: str
    days: Days = 0


@post("/clock", status_code=200)
async def turn_clock(data: JSONBody[Turn], bank: TheBank) -> Response[bytes]:
    if data.now is not None and data.now.tzinfo is None:
        raise ClientException("the instant needs an offset, such as Z or +05:30")
    now = (data.now or bank.clock()) + timedelta(
        days=data.forward_days, seconds=data.forward_seconds
    )
    if not YEARS[0] <= now.year < YEARS[1]:
        raise ClientException(f"the year lies from {YEARS[0]} to {YEARS[1] - 1}")
    bank.clock.turn(now, frozen=data.frozen)
    if data.holidays is not None:
        bank.terms.calendar = BankCalendar(data.holidays)
    return _shown(bank)


@get("/clock")
async def show_clock(bank: TheBank) -> Response[bytes]:
    return _shown(bank)


@delete("/clock", status_code=200)
async def release_clock(bank: TheBank) -> Response[bytes]:
    bank.clock.release()
    bank.terms.calendar = BankCalendar(bank.config.settlement.holidays)
    return _shown(bank)


@post("/fees", status_code=200)
async def change_fees(data: JSONBody[ChangeFees], bank: TheBank) -> Response[bytes]:
    try:
        bank.terms.fees.change(
            data.method, rate=_percent(data.rate), gst=_percent(data.gst), heads=data.heads
        )
    except ValueError as complaint:
        raise ClientException(str(complaint)) from None
    return json_answer(
        {
            method: {"rate": str(each.rate), "gst": str(each.gst), "heads": each.heads}
            for method, each in bank.terms.fees.terms.items()
        }
    )


@post("/reserve", status_code=200)
async def change_reserve(data: JSONBody[Reserve], bank: TheBank) -> Response[bytes]:
    percent = _percent(data.percent)
    if percent is None or not percent.is_finite() or not 0 <= percent <= RESERVE_MAX:
        raise ClientException(f"a reserve lies from 0 to {RESERVE_MAX} per cent")
    bank.terms.reserve_percent, bank.terms.reserve_days = percent, data.days
    return json_answer({"percent": str(percent), "days": data.days})


def _percent(written: str | None) -> Decimal | None:
    try:
        return None if written is None else Decimal(written)
    except InvalidOperation:
        raise ClientException("write a rate in per cent, such as 1.80") from None


def _shown(bank: SimulatedBank) -> Response[bytes]:
    now, calendar = bank.clock(), bank.terms.calendar
    today = ist_day(now)
    return json_answer(
        {
            "now": instant(now),
            "frozen": bank.clock.is_frozen,
            "turned": bank.clock.is_turned,
            "today": today,
            "working_day": calendar.is_working_day(today),
            "next_working_day": calendar.after(today, 1),
            "holidays": sorted(calendar.holidays),
        }
    )


CLOCK_CONTROL: Final = (turn_clock, show_clock, release_clock, change_fees, change_reserve)
