"""Staff keep the platform's endpoints over HTTP, and read what was delivered."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from domain.staff.access import Role
from domain.webhooks.platform_endpoint import EndpointId
from fakes.hooked import an_event
from ports.notifications.webhook_sender import WebhookDelayed
from worlds.http import Client, HttpWorld, pointers, problem

WEBHOOKS: Final = "/api/admin/webhooks"
NEW: Final = {"url": "http://127.0.0.1:9/hooks", "types": ["payment.succeeded"]}
UNKNOWN: Final = f"{WEBHOOKS}/WEUNKNOWN"


@pytest.fixture
def admin(world: HttpWorld) -> dict[str, str]:
    world.add_member("mira", Role.ADMIN)
    return world.bearer("mira", "admin")


async def added(client: Client, admin: Mapping[str, str]) -> dict[str, Any]:
    answer = await client.post(WEBHOOKS, json=NEW, headers=dict(admin))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_endpoint_is_added_and_shows_its_secret_once(
    client: Client, world: HttpWorld, admin: dict[str, str]
) -> None:
    """
    The list does not show it; what cannot be called is refused by name.
    """
    shown = await added(client, admin)
    again = await client.post(WEBHOOKS, json=NEW, headers=admin)
    listed = await client.get(WEBHOOKS, headers=admin)

    assert shown["secret"].startswith("whsec_")
    assert pointers(problem(again, 422, "endpoint-refused")) == ["/url"]
    (item,) = listed.json()["items"]
    assert item == shown["endpoint"]
    assert (item["types"], item["state"], item["version"]) == (
        ["payment.succeeded"],
        "enabled",
        "2026-11-30",
    )
    assert shown["secret"] not in listed.text
    assert [entry.action for entry in world.memory.store.audit] == ["webhook_endpoint.added"]


async def test_a_secret_is_rotated(client: Client, admin: dict[str, str]) -> None:
    """
    The one before stays valid for a day.
    """
    shown = await added(client, admin)
    url = f"{WEBHOOKS}/{shown['endpoint']['id']}"

    rotated = (await client.post(f"{url}/rotate", headers=admin)).json()

    assert rotated["secret"] != shown["secret"]
    assert rotated["endpoint"]["previous_secret_until"]


async def test_what_was_delivered_is_read_and_replayed(
    client: Client, world: HttpWorld, admin: dict[str, str]
) -> None:
    """
    Of one endpoint, the newest first.
    """
    shown = await added(client, admin)
    endpoint = EndpointId(shown["endpoint"]["id"])
    async with world.memory.unit_of_work() as work:
        work.webhooks.deliveries.enqueue([an_event()], world.clock.now())
    url = f"{WEBHOOKS}/{endpoint}"

    log = (await client.get(f"{url}/deliveries", headers=admin)).json()
    replayed = await client.post(
        f"{url}/replay",
        json={"since": "2026-08-03T00:00:00Z", "until": "2026-08-04T00:00:00Z"},
        headers=admin,
    )
    refused = await client.post(
        f"{url}/replay",
        json={"since": "2026-01-03T00:00:00Z", "until": "2026-08-04T00:00:00Z"},
        headers=admin,
    )

    assert log["before"] is None
    (item,) = log["items"]
    assert (item["event_id"], item["type"], item["state"]) == (
        an_event().id,
        "payment.succeeded",
        "new",
    )
    assert replayed.json() == {"deliveries": 0}
    assert pointers(problem(refused, 422, "replay-refused")) == ["/until"]


async def test_a_test_is_sent_at_once(
    client: Client, world: HttpWorld, admin: dict[str, str]
) -> None:
    """
    The answer says what came of it.
    """
    shown = await added(client, admin)
    world.hooks.trouble = [WebhookDelayed("the endpoint answered 500")]
    url = f"{WEBHOOKS}/{shown['endpoint']['id']}/test"

    refused = (await client.post(url, headers=admin)).json()
    taken = (await client.post(url, headers=admin)).json()

    assert (refused["taken"], refused["why"]) == (False, "the endpoint answered 500")
    assert (taken["taken"], taken["why"]) == (True, "")
    assert world.hooks.called[0].secrets == (shown["secret"],)


async def test_an_endpoint_is_enabled_and_removed(client: Client, admin: dict[str, str]) -> None:
    """
    One that is not there is not found.
    """
    shown = await added(client, admin)
    url = f"{WEBHOOKS}/{shown['endpoint']['id']}"

    enabled = await client.post(f"{url}/enable", headers=admin)
    removed = await client.post(f"{url}/remove", headers=admin)
    for act in ("rotate", "enable", "test", "remove"):
        problem(await client.post(f"{UNKNOWN}/{act}", headers=admin), 404, "not-found")

    assert enabled.json()["state"] == "enabled"
    assert removed.status_code == 204
    assert (await client.get(WEBHOOKS, headers=admin)).json() == {"items": []}


async def test_an_endpoint_is_disabled_for_a_reason(client: Client, admin: dict[str, str]) -> None:
    """
    The reason is shown; one that cannot be kept is refused.
    """
    shown = await added(client, admin)
    url = f"{WEBHOOKS}/{shown['endpoint']['id']}/disable"

    disabled = await client.post(url, json={"why": "it moves"}, headers=admin)
    blank = await client.post(url, json={"why": " "}, headers=admin)
    unknown = await client.post(f"{UNKNOWN}/disable", json={"why": "it moves"}, headers=admin)

    assert (disabled.json()["state"], disabled.json()["why"]) == ("disabled", "it moves")
    assert pointers(problem(blank, 422, "endpoint-refused")) == ["/why"]
    problem(unknown, 404, "not-found")


async def test_who_only_looks_changes_nothing(client: Client, world: HttpWorld) -> None:
    """
    An auditor sees endpoints and deliveries.
    """
    world.add_member("noor", Role.AUDITOR)
    auditor = world.bearer("noor", "auditor")

    assert (await client.get(WEBHOOKS, headers=auditor)).status_code == 200
    problem(await client.post(WEBHOOKS, json=NEW, headers=auditor), 403, "not-allowed")
