"""Endpoints are kept by staff and by commands; each act is in the audit log, and a secret is shown once."""

from datetime import timedelta
from typing import Final

import pytest

from application.webhooks.forget_deliveries import DELIVERIES_KEPT
from application.webhooks.manage_endpoints import REPLAY_MAX, ReplayRefused
from domain.errors import NotFound
from domain.text.card_number import CardNumberRefused
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, EndpointRefused, EndpointState
from fakes.hooked import an_event
from fakes.samples import BY_STAFF
from ports.notifications.webhook_sender import WebhookDelayed
from ports.webhooks.platform_endpoints import ENDPOINTS_MAX
from unit.application.webhooks.listening_platform import URL, ListeningPlatform

HOUR: Final = timedelta(hours=1)
UNKNOWN: Final = EndpointId("WEUNKNOWN")


@pytest.fixture
def platform() -> ListeningPlatform:
    return ListeningPlatform()


async def test_an_endpoint_is_added_with_its_secret(platform: ListeningPlatform) -> None:
    """
    Encrypted for its own row; neither text nor log shows it.
    """
    added = await platform.added(URL, WebhookEventType.PAYMENT_SUCCEEDED)

    (kept,) = await platform.memory.endpoints.all()
    assert added.secret not in (kept.secret, repr(added), repr(kept))
    (entry,) = platform.memory.store.audit
    assert (entry.action, entry.subject, entry.origin) == (
        "webhook_endpoint.added",
        added.endpoint.id,
        BY_STAFF,
    )
    assert entry.facts == {"url": URL, "types": "payment.succeeded"}


async def test_what_cannot_be_called_is_not_added(platform: ListeningPlatform) -> None:
    """
    Nor is the same url twice, nor more than there is room for.
    """
    await platform.added()
    for url in (URL, "http://platform.example/"):
        with pytest.raises(EndpointRefused):
            await platform.added(url)
    for number in range(1, ENDPOINTS_MAX):
        await platform.added(f"{URL}/{number}")
    with pytest.raises(EndpointRefused):
        await platform.added(f"{URL}/more")
    assert len(await platform.memory.endpoints.all()) == ENDPOINTS_MAX


async def test_for_development_this_machine_is_taken() -> None:
    """
    By HTTP on any port.
    """
    platform = ListeningPlatform(public=False)

    assert (await platform.added("http://127.0.0.1:9000/")).endpoint.url == "http://127.0.0.1:9000/"


async def test_a_replay_has_no_second_effect_where_ids_are_kept(
    platform: ListeningPlatform,
) -> None:
    """
    All of a time is sent again, under the same ids and with the same bodies.
    """
    added = await platform.added()
    began = platform.clock.now()
    await platform.happens(an_event(1), an_event(2))
    await platform.relay()
    effects = {each.id: each.body for each in platform.hooks.sent}
    platform.clock.move(HOUR)

    assert (
        await platform.manage.replay(added.endpoint.id, began, platform.clock.now(), BY_STAFF) == 2
    )
    assert await platform.relay() == 2

    assert len(platform.hooks.sent) == 4
    assert {each.id: each.body for each in platform.hooks.sent} == effects
    entry = platform.memory.store.audit[-1]
    assert (entry.action, entry.facts["deliveries"]) == ("webhook_endpoint.replayed", "2")


async def test_a_replay_is_of_a_time_that_is_kept(platform: ListeningPlatform) -> None:
    """
    Of an endpoint that is there.
    """
    added, now = await platform.added(), platform.clock.now()
    for since, until in ((now, now), (now, now - HOUR), (now - REPLAY_MAX - HOUR, now)):
        with pytest.raises(ReplayRefused):
            await platform.manage.replay(added.endpoint.id, since, until, BY_STAFF)
    with pytest.raises(NotFound):
        await platform.manage.replay(UNKNOWN, now - REPLAY_MAX, now, BY_STAFF)


async def test_a_test_says_what_came_of_it(platform: ListeningPlatform) -> None:
    """
    At once, taken or not, and leaves no delivery; each has an id of its own.
    """
    added = await platform.added()
    platform.hooks.trouble = [WebhookDelayed("the endpoint answered 500")]

    refused = await platform.manage.test(added.endpoint.id, BY_STAFF)
    platform.clock.move(HOUR)
    taken = await platform.manage.test(added.endpoint.id, BY_STAFF)

    assert (refused.taken, refused.why) == (False, "the endpoint answered 500")
    assert (taken.taken, taken.took_ms) == (True, 0)
    assert refused.event_id != taken.event_id
    assert [each.id for each in platform.hooks.sent] == [refused.event_id, taken.event_id]
    assert not platform.rows
    assert platform.audited[1:] == ["webhook_endpoint.tested"] * 2


async def test_a_removed_endpoint_is_gone(platform: ListeningPlatform) -> None:
    """
    With what was to be delivered; another is not touched.
    """
    added, other = await platform.added(), await platform.added(f"{URL}/other")
    await platform.happens(an_event())

    await platform.manage.remove(added.endpoint.id, BY_STAFF)

    assert [row.endpoint for row in platform.rows] == [other.endpoint.id]
    assert platform.audited[-1] == "webhook_endpoint.removed"
    for act in (
        platform.manage.remove,
        platform.manage.rotate,
        platform.manage.enable,
        platform.manage.test,
    ):
        with pytest.raises(NotFound):
            await act(added.endpoint.id, BY_STAFF)


async def test_an_endpoint_that_is_disabled_waits_until_it_is_enabled(
    platform: ListeningPlatform,
) -> None:
    """
    With the reason in the audit log, which has to be one; what happens meanwhile is kept.
    """
    added = await platform.added()
    for why, refusal in ((" ", EndpointRefused), ("4111 1111 1111 1111", CardNumberRefused)):
        with pytest.raises(refusal):
            await platform.manage.disable(added.endpoint.id, why, BY_STAFF)

    disabled = await platform.manage.disable(added.endpoint.id, "it moves", BY_STAFF)
    await platform.happens(an_event(1, at=platform.clock.now()))

    assert (disabled.state, disabled.why) == (EndpointState.DISABLED, "it moves")
    assert platform.memory.store.audit[-1].facts == {"why": "it moves"}
    assert not await platform.relay()
    await platform.manage.enable(added.endpoint.id, BY_STAFF)
    assert await platform.relay() == 1


async def test_what_was_delivered_is_forgotten_after_a_month(platform: ListeningPlatform) -> None:
    """
    And not before.
    """
    await platform.added()
    now = platform.clock.now()
    await platform.happens(an_event(1, at=now), an_event(2, at=now + HOUR))
    platform.clock.move(DELIVERIES_KEPT + timedelta(minutes=1))

    assert [await platform.forget(), await platform.forget()] == [1, 0]
    assert len(platform.rows) == 1
