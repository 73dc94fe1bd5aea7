"""Webhooks about no order of ours are dismissed by a person, who says why nothing has to be done."""

from datetime import timedelta

import pytest

from application.notifications.dead_letters import ClosingRefused
from application.notifications.refused_webhooks import DismissWebhooks
from contracts.storage import event
from domain.errors import NotFound
from domain.text.card_number import CardNumberRefused
from fakes.samples import BY_STAFF
from worlds.memory import MemoryWorld


@pytest.fixture
def dismiss(world: MemoryWorld) -> DismissWebhooks:
    return DismissWebhooks(world.memory.inbox, world.memory.unit_of_work, world.clock)


async def refused(world: MemoryWorld, *names: str) -> list[int]:
    """Let webhooks about orders of nobody wait for a day and more; return their ids."""
    for name in names:
        await world.memory.inbox.enqueue(event(name, order="X-1"), world.clock.now())
    world.clock.move(timedelta(hours=25))
    await world.process_inbox()
    return [each.id for each in await world.memory.inbox.refused(at_most=9)]


async def test_each_is_dismissed_once_and_audited(
    world: MemoryWorld, dismiss: DismissWebhooks
) -> None:
    """
    What somebody else was faster with is left out; with nothing left there is nothing to look at.
    """
    first, second = await refused(world, "one", "two")
    await dismiss([first], "of the other shop", BY_STAFF)

    done = await dismiss([first, second], "of the other shop", BY_STAFF)

    assert [each.id for each in done] == [second]
    trail = [each for each in world.memory.store.audit if each.action == "webhook.dismissed"]
    assert [each.subject for each in trail] == [f"webhook/{each}" for each in (first, second)]
    assert trail[0].facts["order"] == "X-1"
    assert (trail[0].facts["why"], trail[0].facts["refused"]) == (
        "of the other shop",
        "not an order of ours",
    )
    for nothing in ([first, second], []):
        with pytest.raises(NotFound):
            await dismiss(nothing, "of the other shop", BY_STAFF)


async def test_a_reason_is_needed_that_can_be_kept(
    world: MemoryWorld, dismiss: DismissWebhooks
) -> None:
    """
    Nothing is marked without one.
    """
    ids = await refused(world, "one")
    for why, refusal in ((" ", ClosingRefused), ("by 4111 1111 1111 1111", CardNumberRefused)):
        with pytest.raises(refusal):
            await dismiss(ids, why, BY_STAFF)

    assert len(await world.memory.inbox.refused(at_most=9)) == 1
