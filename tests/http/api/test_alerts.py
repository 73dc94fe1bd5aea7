"""Staff list alerts over HTTP, take them on, and silence them."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.monitoring.alerts_register_contract import CALM, SILENCED
from domain.monitoring.alert_case import AlertState
from domain.staff.access import Role
from fakes.clock import NOON
from worlds.http import Client, HttpWorld, pointers, problem

ALERTS: Final = "/api/admin/alerts"
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


@pytest.fixture
def finance(world: HttpWorld) -> dict[str, str]:
    world.add_member("mira", Role.FINANCE)
    for each in (FIRING, replace(CALM, version=1)):
        world.memory.store.alert_cases[each.rule, each.subject] = each
    return world.bearer("mira", "finance")


async def test_alerts_are_listed(client: Client, finance: dict[str, str]) -> None:
    """
    Those that go on first, with what they mean and what to do.
    """
    first, second = (await client.get(ALERTS, headers=finance)).json()["items"]

    assert (first["rule"], first["subject"], first["state"]) == ("queue_stuck", "outbox", "firing")
    assert (first["value"], first["unit"], first["severity"]) == (700, "seconds", "urgent")
    assert first["remedy"]
    assert second["state"] == "resolved"


async def test_an_alert_is_taken_on(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    Under the name of who does it; one that is resolved is not.
    """
    answer = await client.post(
        f"{ALERTS}/{FIRING.id}/acknowledge", json={"note": "I look"}, headers=finance
    )
    refused = await client.post(f"{ALERTS}/{CALM.id}/acknowledge", json={}, headers=finance)

    assert (answer.json()["state"], answer.json()["acknowledged_by"], answer.json()["note"]) == (
        "acknowledged",
        "staff:mira",
        "I look",
    )
    problem(refused, 409, "alert-not-firing")
    assert world.memory.store.audit[-1].action == "alert.acknowledged"


async def test_an_alert_is_silenced(client: Client, finance: dict[str, str]) -> None:
    """
    With a reason and until an end within a day.
    """
    address, until = f"{ALERTS}/{FIRING.id}/silence", (NOON + timedelta(hours=6)).isoformat()
    answer = await client.post(address, json={"until": until, "reason": "moving"}, headers=finance)
    no_reason = await client.post(
        address, json={"until": "2020-01-01T00:00:00Z", "reason": ""}, headers=finance
    )
    unknown = await client.post(
        f"{ALERTS}/ALNONE/silence", json={"until": until, "reason": "moving"}, headers=finance
    )

    assert answer.json()["silenced_until"] == "2026-08-03T18:00:00Z"
    assert (answer.json()["silenced_by"], answer.json()["silence_reason"]) == (
        "staff:mira",
        "moving",
    )
    assert pointers(problem(no_reason, 422, "silence-refused")) == ["/reason", "/until"]
    problem(unknown, 404, "not-found")


async def test_support_may_look_only(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    Whoever answers no alerts sees them.
    """
    assert finance
    world.add_member("noor", Role.SUPPORT)
    support = world.bearer("noor", "support")

    assert (await client.get(ALERTS, headers=support)).status_code == 200
    refused = await client.post(f"{ALERTS}/{FIRING.id}/acknowledge", json={}, headers=support)
    problem(refused, 403, "not-allowed")
