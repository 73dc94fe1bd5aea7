"""The console's endpoints of the platform: added, tested, paused, rotated, replayed, removed."""

import re
from typing import Final

import pytest

from domain.staff.access import Role
from fakes.hooked import an_event
from ports.notifications.webhook_sender import WebhookDelayed
from worlds.http import Client, HttpWorld, into_console

WEBHOOKS: Final = "/console/webhooks"
URL: Final = "http://127.0.0.1:9/hooks"


async def added(client: Client, token: str) -> str:
    """Add an endpoint by the form, and return the address of its page."""
    form = {"csrf_token": token, "url": URL, "description": "The platform"}
    answer = await client.post(WEBHOOKS, data=form)
    assert answer.status_code == 200, answer.text
    assert "whsec_" in answer.text
    found = re.search(rf'href="({WEBHOOKS}/WE[A-Z2-7]+)"', answer.text)
    assert found
    return found[1]


@pytest.fixture
async def token(client: Client, world: HttpWorld) -> str:
    return await into_console(client, world, "mira", Role.ADMIN)


async def test_an_endpoint_is_added_and_shows_its_secret_once(
    client: Client, world: HttpWorld, token: str
) -> None:
    """
    What cannot be called is told at its field; without a type it is told all.
    """
    assert "there is no endpoint" in (await client.get(WEBHOOKS)).text

    place = await added(client, token)

    page, listed = (await client.get(place)).text, (await client.get(WEBHOOKS)).text
    assert "whsec_" not in page + listed
    assert "all there is" in page
    assert URL in listed
    form = {"csrf_token": token, "url": URL, "type": ["payment.succeeded"]}
    twice = await client.post(WEBHOOKS, data=form)
    assert twice.status_code == 422
    assert 'id="url-fault" role="alert"' in twice.text
    card = {"csrf_token": token, "url": f"{URL}/2", "description": "4111 1111 1111 1111"}
    refused = await client.post(WEBHOOKS, data=card)
    assert (refused.status_code, "4111 1111" in refused.text) == (422, False)
    (kept,) = world.memory.store.webhook_endpoints.values()
    assert (kept.types, kept.description) == (frozenset(), "The platform")


async def test_an_endpoint_is_tested_paused_and_enabled(
    client: Client, world: HttpWorld, token: str
) -> None:
    """
    The page says what came of it, and why it is paused; workers are woken when it is called again.
    """
    place = await added(client, token)
    world.hooks.trouble = [WebhookDelayed("the endpoint answered 500")]

    said = [(await client.post(place, data=act(token, "test"))).text for _ in range(2)]
    blank = await client.post(place, data=act(token, "disable", why=" "))
    done = await client.post(place, data=act(token, "disable", why="it moves"))
    page, listed = (await client.get(place)).text, (await client.get(WEBHOOKS)).text
    world.woken = 0
    enabled = await client.post(place, data=act(token, "enable"))

    assert "The endpoint answered 500" in said[0]
    assert "It was taken" in said[1]
    assert (blank.status_code, 'id="disable-fault"' in blank.text) == (422, True)
    assert (done.status_code, done.headers["location"]) == (303, place)
    assert "it moves" in page
    assert "Disabled" in listed
    assert (enabled.status_code, world.woken) == (303, 1)
    assert "In use" in (await client.get(place)).text


async def test_what_was_told_is_seen_page_by_page_and_sent_again(
    client: Client, world: HttpWorld, token: str
) -> None:
    """
    The newest first; a time that is none is told at its field.
    """
    place = await added(client, token)
    async with world.memory.unit_of_work() as work:
        events = [an_event(number, at=world.clock.now()) for number in range(1, 23)]
        work.webhooks.deliveries.enqueue(events, world.clock.now())

    first = (await client.get(place)).text
    older = re.search(rf'href="({place}\?before=[0-9]+)"', first)
    assert older
    second = (await client.get(older[1])).text
    assert (first.count("evt_"), second.count("evt_")) == (20, 2)
    assert (await client.get(f"{place}?before=x")).status_code == 400

    wrong = [
        await client.post(place, data=act(token, "replay", **span))
        for span in (
            {"since": "yesterday", "until": ""},
            {"since": "2026-08-04T00:00", "until": "2026-08-03T00:00"},
        )
    ]
    assert [(each.status_code, 'id="replay-fault"' in each.text) for each in wrong] == [
        (422, True),
        (422, True),
    ]
    span = {"since": "2026-08-03T00:00", "until": "2026-08-04T00:00:00+05:30"}
    sent = await client.post(place, data=act(token, "replay", **span))
    assert "0 deliveries are sent again" in sent.text


async def test_an_endpoint_gets_a_new_secret_and_is_removed(client: Client, token: str) -> None:
    """
    Removed only by who says that nothing is to be told there; then it is not found.
    """
    place = await added(client, token)

    rotated = await client.post(place, data=act(token, "rotate"))
    unsure = await client.post(place, data=act(token, "remove"))
    removed = await client.post(place, data=act(token, "remove", sure="yes"))

    assert "whsec_" in rotated.text
    assert "each message is signed by both" in rotated.text
    assert (unsure.status_code, 'id="remove-fault"' in unsure.text) == (422, True)
    assert (removed.status_code, removed.headers["location"]) == (303, WEBHOOKS)
    for gone in (place, f"{WEBHOOKS}/no-id"):
        assert (await client.get(gone)).status_code == 404
        assert (await client.post(gone, data=act(token, "test"))).status_code == 404
    assert (await client.post(place, data=act(token, "burn"))).status_code == 422


async def test_an_auditor_looks_and_changes_nothing(client: Client, world: HttpWorld) -> None:
    """
    There is no form, and none is taken.
    """
    token = await into_console(client, world, "asha.audit", Role.AUDITOR)

    page = await client.get(WEBHOOKS)

    assert page.status_code == 200
    assert "Add an endpoint" not in page.text
    assert (await client.post(WEBHOOKS, data={"csrf_token": token})).status_code == 403


def act(token: str, name: str, **fields: str) -> dict[str, str]:
    return {"csrf_token": token, "act": name, **fields}
