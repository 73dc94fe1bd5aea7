"""The console's monitoring: figures with their charts, alerts with their answers, and how the installation does."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.monitoring.alerts_register_contract import CALM, SILENCED
from contracts.monitoring.payment_rollups_contract import entry, sold
from domain.monitoring.alert_case import AlertState
from domain.monitoring.alert_rules import AlertRule
from domain.monitoring.payment_figures import SpanFigures
from domain.monitoring.time_histogram import step_of
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import Event, State
from domain.staff.access import Role
from entrypoints.http.console import charts
from entrypoints.http.console.monitoring import measured, seconds_word
from fakes.clock import NOON
from fakes.samples import payment_id
from ports.monitoring.gateway_calls import CallResult, TimedCall
from ports.payments.payment_gateway import GatewayOperation
from worlds.http import Client, HttpWorld, into_console

PAGE: Final = "/console/monitoring"
MINUTE: Final = timedelta(minutes=1)
FIRING: Final = replace(
    SILENCED,
    state=AlertState.FIRING,
    acknowledged_by="",
    note="",
    silenced_until=None,
    silenced_by="",
    silence_reason="",
    version=1,
)


async def trade(world: HttpWorld, paid: int, failed: int) -> None:
    """Let so many payments be paid by UPI, and so many be declined, and count them."""
    for number in range(paid + failed):
        world.memory.store.payments[payment_id(number)] = sold(number)
        is_paid = number < paid
        world.memory.store.audit.append(
            entry(
                number,
                State.SUCCESS if is_paid else State.FAILED,
                Event.BANK_CHARGED if is_paid else Event.BANK_DECLINED,
                at=NOON + MINUTE,
                failure=None if is_paid else FailureReason.DECLINED_BY_BANK,
            )
        )
    await world.memory.payment_rollups.count(at_most=paid + failed)


def fire(world: HttpWorld) -> None:
    world.memory.store.alert_cases[FIRING.rule, FIRING.subject] = FIRING


async def test_an_empty_installation(client: Client, world: HttpWorld) -> None:
    """
    Each part says that there is nothing, and none is missing.
    """
    await into_console(client, world)
    text = (await client.get(PAGE)).text

    for each in (
        "Nothing fires",
        "0 of 0",
        "No payment ended in this period",
        "Nothing was paid in this period",
        "Nothing failed in this period",
        "No payment was begun yet",
        "nothing waits",
        "Did not run in two days",
        "SHULK_COOKIE_KEY",
    ):
        assert each in text, each


async def test_figures_and_charts(client: Client, world: HttpWorld) -> None:
    """
    The rate with its interval, and each chart with its words and its table; for each of the three periods.
    """
    await into_console(client, world)
    await trade(world, 24, 6)
    call = TimedCall(GatewayOperation.READ_ORDER, CallResult.SILENT, step_of(800))
    await world.memory.gateway_calls.add({call: 7}, NOON)
    text = (await client.get(PAGE)).text

    for each in (
        "80.0 %",
        "between 62.7 % and 90.5 %, of 30",
        "₹28,320.00",
        "UPI leads with 100 % of 24.",
        "Declined by bank leads with 100 % of 6.",
        "1 min 0 s",
        "Read order",
        "0.83 s",
    ):
        assert each in text, each
    assert text.count("<svg") == text.count('role="img"') == 3
    assert text.count("As a table") == 3
    for each in ("7d", "30d"):
        assert "80.0 %" in (await client.get(f"{PAGE}?range={each}")).text
    assert (await client.get(f"{PAGE}?range=1y")).status_code == 422


async def test_an_alert_is_taken_on_and_silenced(client: Client, world: HttpWorld) -> None:
    """
    By forms without a script, under the name of who is signed in.
    """
    token = await into_console(client, world)
    fire(world)
    assert "11 min 40 s (4 due)" in (await client.get(PAGE)).text
    address = f"{PAGE}/alerts/{FIRING.id}"
    taken = await client.post(
        f"{address}/acknowledge", data={"csrf_token": token, "note": "I look"}
    )
    silenced = await client.post(
        f"{address}/silence", data={"csrf_token": token, "hours": "4", "reason": "moving"}
    )
    text = (await client.get(PAGE)).text

    assert (taken.status_code, taken.headers["location"]) == (303, f"{PAGE}#alerts")
    assert silenced.status_code == 303
    assert "by staff:farhan: I look" in text
    assert "until 3 August 2026, 21:30 IST by staff:farhan: moving" in text
    assert "I look at it" not in text
    assert [each.action for each in world.memory.store.audit[-2:]] == [
        "alert.acknowledged",
        "alert.silenced",
    ]


async def test_what_is_refused_says_why(client: Client, world: HttpWorld) -> None:
    """
    At the page, which shows all else as it was.
    """
    token = await into_console(client, world)
    fire(world)
    resolved = replace(CALM, version=1, changes=2)
    world.memory.store.alert_cases[CALM.rule, CALM.subject] = resolved
    no_reason = await client.post(
        f"{PAGE}/alerts/{FIRING.id}/silence",
        data={"csrf_token": token, "hours": "1", "reason": " "},
    )
    too_late = await client.post(f"{PAGE}/alerts/{CALM.id}/acknowledge", data={"csrf_token": token})
    no_time = await client.post(
        f"{PAGE}/alerts/{FIRING.id}/silence",
        data={"csrf_token": token, "hours": "99", "reason": "moving"},
    )

    assert no_reason.status_code == too_late.status_code == no_time.status_code == 422
    assert "it needs a reason" in no_reason.text
    assert "nothing to acknowledge" in too_late.text
    assert "Resolved last" in too_late.text


async def test_support_sees_and_does_not_answer(client: Client, world: HttpWorld) -> None:
    """
    The forms are not there, and their routes are closed.
    """
    token = await into_console(client, world, "noor", Role.SUPPORT)
    fire(world)
    text = (await client.get(PAGE)).text
    refused = await client.post(
        f"{PAGE}/alerts/{FIRING.id}/acknowledge", data={"csrf_token": token}
    )

    assert "Queue stuck: Outbox" in text
    assert not re.search(r"<form[^>]+alerts/", text)
    assert refused.status_code == 403


async def test_a_missing_database_part_is_told(client: Client, world: HttpWorld) -> None:
    """
    A dependency that does not work is named with what is wrong.
    """
    await into_console(client, world)
    world.parts = {"database": "ok", "redis": "TimeoutError"}

    assert "TimeoutError" in (await client.get(PAGE)).text


def test_columns_show_every_failure() -> None:
    """
    One failure beside many paid is a line at least; nothing is drawn outside.
    """
    spans = [SpanFigures(NOON, 1000, 1000, 1), SpanFigures(NOON + MINUTE, 0, 0, 0)]
    first, second = charts.columns(spans)

    assert (first.failed_height, first.failed_y >= 0) == (1, True)
    assert (second.paid_height, second.failed_height) == (0, 0)
    assert charts.busiest(spans) == NOON
    assert charts.busiest(spans[1:]) is None
    assert charts.columns([]) == []


@pytest.mark.parametrize(("seconds", "words"), [(5, "5 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")])
def test_times_are_said_as_people_say_them(seconds: int, words: str) -> None:
    """
    In the two largest units.
    """
    assert seconds_word(seconds) == words


def test_values_have_their_unit() -> None:
    """
    A share, a number, a time.
    """
    assert measured(replace(FIRING, rule=AlertRule.SUCCESS_LOW, value=8700)) == "87.0 %"
    assert measured(replace(FIRING, rule=AlertRule.DEAD_LETTERS, value=3)) == "3"
    assert measured(replace(FIRING, rule=AlertRule.GATEWAY_SLOW, value=6000)) == "6000 ms"
    assert measured(replace(FIRING, rule=AlertRule.CREDENTIAL_ENDING, value=20)) == "20 days"
