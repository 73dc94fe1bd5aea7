"""Each delivery is tried until it is taken, for three days; who never answers is not called any more."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from application.webhooks.relay_webhooks import BATCH_MAX, LEASE
from domain.errors import ChangedMeanwhile
from domain.webhooks.delivery_schedule import DELAYS
from domain.webhooks.platform_endpoint import (
    FAILING_MAX,
    ROTATION,
    TOLD_AFTER,
    EndpointRefused,
    EndpointState,
)
from fakes.hooked import an_event
from fakes.samples import BY_STAFF
from ports.alerts import AlertKind
from ports.cipher import EncryptedText
from ports.notifications.webhook_sender import WebhookDelayed, WebhookGone, WebhookRefused
from ports.webhooks.webhook_deliveries import ENDPOINT_AT_ONCE
from unit.application.webhooks.listening_platform import ListeningPlatform

HOUR: Final = timedelta(hours=1)
WHY: Final = "the endpoint answered 500"


@pytest.fixture
def platform() -> ListeningPlatform:
    return ListeningPlatform()


async def test_a_fact_is_delivered_once(platform: ListeningPlatform) -> None:
    """
    Under its own id, signed by the endpoint's secret, with the body of its version.
    """
    added = await platform.added()
    event = an_event()
    await platform.happens(event)

    assert [await platform.relay(), await platform.relay()] == [1, 0]

    (message,), (called,) = platform.hooks.sent, platform.hooks.called
    assert (message.id, message.body) == (event.id, event.body(added.endpoint.payload))
    assert (called.url, called.secrets) == (added.endpoint.url, (added.secret,))
    (row,) = platform.rows
    assert (row.state, row.took_ms, row.closed_at) == ("done", 0, platform.clock.now())
    assert not platform.memory.store.audit[1:]


async def test_a_host_that_may_be_called_no_more_is_not(platform: ListeningPlatform) -> None:
    """
    Though its endpoint was added before; none of its like is added.
    """
    await platform.added()
    await platform.happens(an_event())
    call = replace(platform.relay.call, hosts=("other.example",))
    await replace(platform.relay, call=call)()

    assert not platform.hooks.sent
    assert "none of those" in str(platform.rows[0].why)
    platform.manage = replace(platform.manage, call=call)
    await platform.added("https://other.example/hooks")
    with pytest.raises(EndpointRefused):
        await platform.added("https://platform.example/others")


async def test_during_a_rotation_both_secrets_sign(platform: ListeningPlatform) -> None:
    """
    The newer one first; after a day only that.
    """
    added = await platform.added()
    rotated = await platform.manage.rotate(added.endpoint.id, BY_STAFF)
    await platform.happens(an_event(1))
    await platform.relay()
    platform.clock.move(ROTATION)
    await platform.happens(an_event(2))
    await platform.relay()

    assert [each.secrets for each in platform.hooks.called] == [
        (rotated.secret, added.secret),
        (rotated.secret,),
    ]
    assert rotated.secret != added.secret


async def test_a_failure_is_tried_again_under_the_same_id(platform: ListeningPlatform) -> None:
    """
    With the same body, after each delay; the first success ends it.
    """
    added = await platform.added()
    await platform.happens(an_event())
    platform.hooks.trouble = [WebhookDelayed(WHY), WebhookRefused("not on the public internet")]
    await platform.relay()
    (row,) = platform.rows
    assert (row.state, row.why, row.due_at) == ("new", WHY, platform.clock.now() + DELAYS[0])
    assert await platform.relay() == 0

    for delay in DELAYS[:2]:
        platform.clock.move(delay)
        assert await platform.relay() == 1

    assert len(platform.hooks.sent) == 3
    assert len({(each.id, each.body) for each in platform.hooks.sent}) == 1
    assert platform.rows[0].state == "done"
    assert platform.endpoint(added.endpoint.id).failing_since is None


async def test_it_is_given_up_after_three_days(platform: ListeningPlatform) -> None:
    """
    The endpoint is called about later facts all the same.
    """
    await platform.added()
    await platform.happens(an_event())
    platform.hooks.trouble = [WebhookDelayed(WHY)] * (len(DELAYS) + 1)
    await platform.relay()
    for delay in DELAYS:
        platform.clock.move(delay)
        assert await platform.relay() == 1

    (row,) = platform.rows
    assert (row.state, row.attempts, row.why) == ("dead", len(DELAYS) + 1, WHY)
    await platform.happens(an_event(2))
    await platform.relay()
    assert platform.rows[1].state == "done"


async def test_days_of_failures_disable_the_endpoint(platform: ListeningPlatform) -> None:
    """
    People are told after an hour, and when it is disabled; what happens later waits until it is enabled.
    """
    added = await platform.added()
    platform.hooks.trouble = [WebhookDelayed(WHY)] * 10_000
    await platform.happens(an_event())
    await platform.relay()
    assert not platform.alerts.called
    for number in range(2, 9):
        await platform.happens(an_event(number))
        await platform.passes(timedelta(hours=20), step=HOUR)

    endpoint = platform.endpoint(added.endpoint.id)
    assert (endpoint.state, endpoint.why) == (EndpointState.DISABLED, WHY)
    kinds = [each.kind for each in platform.alerts.called]
    assert kinds[-1] is AlertKind.WEBHOOK_DISABLED
    assert set(kinds[:-1]) == {AlertKind.WEBHOOK_FAILING}
    assert platform.alerts.called[-1].facts == {"reason": WHY}
    assert {each.subject for each in platform.alerts.called} == {endpoint.id}
    assert platform.audited[-1] == "webhook_endpoint.disabled"
    assert TOLD_AFTER < FAILING_MAX
    await platform.happens(an_event(19))
    assert await platform.relay() == 0

    platform.hooks.trouble = []
    await platform.manage.enable(endpoint.id, BY_STAFF)
    while await platform.relay():
        pass

    assert platform.rows[-1].state == "done"


async def test_who_says_that_it_is_gone_is_believed(platform: ListeningPlatform) -> None:
    """
    At once, by the answer 410; the second of two such answers changes nothing more.
    """
    added = await platform.added()
    await platform.happens(an_event(1), an_event(2))
    platform.hooks.trouble = [WebhookGone("the endpoint answered 410")] * 2
    await platform.relay()

    assert platform.endpoint(added.endpoint.id).state is EndpointState.DISABLED
    assert [each.kind for each in platform.alerts.called] == [AlertKind.WEBHOOK_DISABLED]
    assert platform.audited.count("webhook_endpoint.disabled") == 1


async def test_a_slow_endpoint_delays_no_other(platform: ListeningPlatform) -> None:
    """
    A few of its deliveries are under way at once, and then it is left alone for a while.
    """
    await platform.added()
    await platform.added("https://other.example/")
    await platform.happens(*(an_event(number) for number in range(1, 8)))
    platform.hooks.trouble = [WebhookDelayed("slow", timedelta(seconds=30))] * ENDPOINT_AT_ONCE

    assert await platform.relay() == 2 * ENDPOINT_AT_ONCE <= BATCH_MAX
    assert await platform.relay() == 7 - ENDPOINT_AT_ONCE
    platform.clock.move(timedelta(seconds=30))
    assert await platform.relay() == ENDPOINT_AT_ONCE


async def test_what_a_killed_worker_held_is_delivered_by_another(
    platform: ListeningPlatform,
) -> None:
    """
    When its lease has ended: perhaps for a second time, so that receivers keep ids.
    """
    await platform.added()
    await platform.happens(an_event())
    await platform.memory.deliveries.claim(platform.clock.now(), lease=LEASE, at_most=1)
    assert await platform.relay() == 0

    platform.clock.move(LEASE)
    assert await platform.relay() == 1
    assert platform.rows[0].state == "done"


async def test_an_endpoint_removed_meanwhile_is_no_failure(platform: ListeningPlatform) -> None:
    """
    Its deliveries went with it.
    """
    added = await platform.added()
    await platform.happens(an_event())
    held = await platform.memory.deliveries.claim(platform.clock.now(), lease=LEASE, at_most=1)
    await platform.manage.remove(added.endpoint.id, BY_STAFF)

    await platform.relay._work_off(held[0])

    assert not platform.hooks.sent


async def test_a_fault_of_ours_is_tried_again_too(platform: ListeningPlatform) -> None:
    """
    A secret that does not decrypt stops no other endpoint; storage that was changed meanwhile is read again.
    """
    added = await platform.added()
    await platform.added("https://other.example/")
    store = platform.memory.store
    broken = store.webhook_endpoints[added.endpoint.id]
    del platform.cipher.vault[EncryptedText(broken.secret)]
    await platform.happens(an_event())
    platform.memory.unit_of_work.gateway_failure = [ChangedMeanwhile("webhook endpoint")]
    await platform.relay()

    assert sorted(row.state for row in platform.rows) == ["done", "new"]
    assert len(platform.hooks.sent) == 1
