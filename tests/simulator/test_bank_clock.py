"""The simulated bank's time and fees, turned and changed by the control API."""

from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from entrypoints.simulator.command import simulator
from simulator.in_process import HandClock
from simulator.merchant import Merchant


async def turn(merchant: Merchant, **how: object) -> dict[str, Any]:
    answer = await merchant.control("clock", **how)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=dict[str, Any])


async def test_the_time_is_turned_for_every_part(merchant: Merchant, clock: HandClock) -> None:
    """
    An order begins at the turned time, and its link runs out when the time is turned past its end.
    """
    told = await turn(
        merchant, now="2026-11-13T10:00:00+05:30", frozen=True, holidays=["2026-11-16"]
    )

    assert told == {
        "now": "2026-11-13T04:30:00Z",
        "frozen": True,
        "turned": True,
        "today": "2026-11-13",
        "working_day": True,
        "next_working_day": "2026-11-17",
        "holidays": ["2026-11-16"],
    }
    created = await merchant.create_session()
    assert created["order_expiry"] == "2026-11-13T04:45:00Z"
    told = await turn(merchant, forward_days=1)
    assert (told["now"], told["working_day"]) == ("2026-11-14T04:30:00Z", False)
    assert (await merchant.control("orders/ORDER1/pay")).status_code == 409

    released = (await merchant.http.delete("/_control/clock")).json()

    assert (released["now"], released["holidays"]) == ("2026-07-31T10:15:00Z", [])
    assert (await merchant.http.get("/_control/clock")).json() == released


@pytest.mark.parametrize(
    "how",
    [{"now": "2026-11-13T10:00:00"}, {"now": "1999-01-01T00:00:00Z"}, {"forward_days": -1}],
)
async def test_an_impossible_time_is_refused(merchant: Merchant, how: dict[str, object]) -> None:
    assert (await merchant.control("clock", **how)).status_code == 400


async def test_fees_are_changed(merchant: Merchant) -> None:
    answer = await merchant.control("fees", method="CARD", rate="2.10", heads="split")

    assert answer.json()["CARD"] == {"rate": "2.10", "gst": "18", "heads": "split"}
    assert answer.json()["UPI"] == {"rate": "0", "gst": "18", "heads": "igst"}
    for wrong in ({"rate": "x"}, {"rate": "11"}, {"gst": "50"}):
        assert (await merchant.control("fees", method="CARD", **wrong)).status_code == 400


@pytest.mark.parametrize(
    "options",
    [
        ["--settle-at", "25:00"],
        ["--holidays", "missing.txt"],
        ["--mdr", "CARD=much"],
        ["--mdr", "CARD=11"],
        ["--mdr", "WALLET=1"],
        ["--mid-codes", "UPI=SIM9001/SIM001"],
    ],
)
def test_a_bad_option_is_named(options: list[str]) -> None:
    result = CliRunner().invoke(simulator, options)

    assert result.exit_code == 2
    assert options[0].removeprefix("--") in result.output
