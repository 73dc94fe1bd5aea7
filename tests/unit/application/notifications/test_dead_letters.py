"""What was given up is mended by a person: tried again, at another address if need be, or closed."""

from typing import Any

import pytest

from application.notifications.dead_letters import (
    WHY_MAX,
    CloseDeadLetter,
    ClosingRefused,
    RequeueDeadLetter,
)
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.text.card_number import CardNumberRefused
from fakes.samples import BY_STAFF
from ports.notifications.email_sender import EmailRefused
from ports.notifications.outbox import OutboxTask
from worlds.memory import MemoryWorld


@pytest.fixture
async def line(world: MemoryWorld) -> int:
    """A confirmation that the student's address does not take."""
    world.mail.gateway_failure.append(EmailRefused("answered 550 5.1.1"))
    payment = await world.begin_payment(code=None)
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    while await world.relay_outbox():
        pass
    (dead,) = await world.memory.outbox.dead_letters(at_most=9)
    assert (dead.task, dead.why) == (OutboxTask.PAYMENT_CONFIRMATION, "answered 550 5.1.1")
    return dead.id


def parts(world: MemoryWorld) -> Any:
    return world.memory.outbox, world.memory.unit_of_work, world.clock


def payment_of(world: MemoryWorld, line: int) -> PaymentId:
    return world.memory.store.outbox[line].payment


async def test_a_letter_goes_to_the_right_address(world: MemoryWorld, line: int) -> None:
    """
    Once, at once; later letters about the payment go there as well.
    """
    tried = await RequeueDeadLetter(*parts(world))(line, BY_STAFF, email="asha@right.example")

    while await world.relay_outbox():
        pass
    assert tried.payment == payment_of(world, line)
    assert [letter.to for letter in world.mail.letters] == ["asha@right.example"]
    assert world.payment(tried.payment).student.email == "asha@right.example"


async def test_a_letter_goes_to_the_same_address(world: MemoryWorld, line: int) -> None:
    """
    The mailbox was full, and is not any more: the payment is not touched.
    """
    before = world.payment(payment_of(world, line))

    await RequeueDeadLetter(*parts(world))(line, BY_STAFF)

    while await world.relay_outbox():
        pass
    assert [letter.to for letter in world.mail.letters] == ["asha@example.com"]
    assert world.payment(before.id) == before


async def test_the_trail_says_who_did_it_and_not_to_which_address(
    world: MemoryWorld, line: int
) -> None:
    """
    Masked: enough to see that it was changed.
    """
    await RequeueDeadLetter(*parts(world))(line, BY_STAFF, email="asha@right.example")

    (entry,) = world.audited("errand.reopened")
    assert (entry.origin, entry.subject) == (BY_STAFF, payment_of(world, line))
    assert entry.facts == {
        "errand": "payment_confirmation",
        "line": str(line),
        "email": "a***@right.example",
    }


async def test_an_errand_is_closed_for_a_reason(world: MemoryWorld, line: int) -> None:
    """
    It is not tried again, and the trail has the reason.
    """
    await CloseDeadLetter(*parts(world))(line, "told by telephone", BY_STAFF)

    assert not await world.relay_outbox()
    assert not await world.memory.outbox.dead_letters(at_most=9)
    (entry,) = world.audited("errand.closed")
    assert (entry.origin, entry.facts["why"]) == (BY_STAFF, "told by telephone")


@pytest.mark.parametrize(
    ("why", "error"),
    [
        (" ", ClosingRefused),
        ("y" * (WHY_MAX + 1), ClosingRefused),
        ("paid by 4111111111111111", CardNumberRefused),
    ],
)
async def test_a_reason_that_cannot_be_kept_closes_nothing(
    world: MemoryWorld, line: int, why: str, error: type[Exception]
) -> None:
    """
    Blank, endless, or a card number.
    """
    with pytest.raises(error):
        await CloseDeadLetter(*parts(world))(line, why, BY_STAFF)

    assert world.memory.store.outbox[line].state == "dead"


async def test_what_is_dealt_with_is_not_dealt_with_again(world: MemoryWorld, line: int) -> None:
    """
    Two people, or one who types it twice: one letter, and the second is told.
    """
    again = RequeueDeadLetter(*parts(world))
    await again(line, BY_STAFF)

    with pytest.raises(NotFound):
        await again(line, BY_STAFF)
    with pytest.raises(NotFound):
        await CloseDeadLetter(*parts(world))(line, "done", BY_STAFF)

    while await world.relay_outbox():
        pass
    assert len(world.mail.letters) == 1
