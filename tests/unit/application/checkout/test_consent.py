"""A payment keeps what its student agreed to as it began, and the audit log says so."""

from collections.abc import Iterator
from typing import Final

import pytest

from adapters.fake.script import Outcome
from domain.payments.consent import Consent, PrivacyNoticeChanged
from fakes.samples import ASHA
from ports.idempotency import IdempotencyKey
from worlds.memory import MemoryWorld
from worlds.settings import settings_with

URL: Final = "https://learn.example.com/notice"
KEY: Final = IdempotencyKey(student=ASHA.id, route="initiate", key="k-1")


@pytest.fixture
def world() -> Iterator[MemoryWorld]:
    """A world in which students are asked to agree to a notice."""
    world = MemoryWorld(settings=settings_with(privacy_notice_url=URL))
    yield world
    world.close()


def asked_in(world: MemoryWorld) -> str:
    notice = world.wiring.container.privacy_notice()
    assert notice is not None
    return notice.version


async def test_what_was_agreed_to_is_kept_and_audited(world: MemoryWorld) -> None:
    """
    With the version, the address of the notice and the time.
    """
    version = asked_in(world)

    begun = await world.begin_payment(consent=version)

    assert begun.consent == Consent(version=version, notice_url=URL, at=world.clock.now())
    (entry,) = [each for each in world.memory.store.audit if each.action == "payment.opened"]
    assert begun.consent.facts.items() <= entry.facts.items()


async def test_a_retry_is_covered_by_the_same_consent(world: MemoryWorld) -> None:
    """
    It is the same purchase: the student is not asked again, and the time stays that of their consent.
    """
    first = await world.begin_payment(consent=asked_in(world))
    world.gateway.pay(first.id, Outcome.FAILURE)
    await world.deliver_webhook(first.id)

    retry = await world.retry_payment(first.id)

    assert first.consent is not None
    assert retry.consent == first.consent


async def test_a_platform_may_tell_nothing(world: MemoryWorld) -> None:
    """
    One that was written before there was a notice, or asks its students itself, sells as before.
    """
    begun = await world.begin_payment()

    assert begun.consent is None
    assert not any("consent_version" in each.facts for each in world.memory.store.audit)


async def test_consent_to_another_notice_begins_nothing(world: MemoryWorld) -> None:
    """
    The student has not seen what they would be said to have agreed to.
    """
    with pytest.raises(PrivacyNoticeChanged):
        await world.begin_payment(consent="0" * 64)

    assert not world.memory.store.payments


async def test_a_repeat_is_answered_after_the_notice_has_changed(world: MemoryWorld) -> None:
    """
    The payment of the key was begun with consent to what was asked then.
    """
    first = await world.begin_payment(consent=asked_in(world), key=KEY)

    assert (await world.begin_payment(consent="0" * 64, key=KEY)).id == first.id
