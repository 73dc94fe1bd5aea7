"""What was given up is mended by a person: tried again, at another address if need be, or closed."""

from typing import Any

import pytest

from application.notifications.dead_letters import (
    WHY_MAX,
    CloseErrand,
    ClosingRefused,
    TryErrandAgain,
)
from domain.card import CardNumberRefused
from domain.errors import NotFound
from domain.identifiers import PaymentId
from fakes.samples import BY_STAFF
from ports.notifications.email_sender import EmailRefused
from ports.notifications.outbox import Errand
from worlds.memory import Academy


@pytest.fixture
async def line(academy: Academy) -> int:
    """A confirmation that the student's address does not take."""
    academy.mail.trouble.append(EmailRefused("answered 550 5.1.1"))
    payment = await academy.opens(code=None)
    academy.gateway.pay(payment.id)
    await academy.hears(payment.id)
    while await academy.relay():
        pass
    (parked,) = await academy.memory.outbox.parked(at_most=9)
    assert (parked.errand, parked.why) == (Errand.PAYMENT_CONFIRMATION, "answered 550 5.1.1")
    return parked.id


def parts(academy: Academy) -> Any:
    return academy.memory.outbox, academy.memory.unit_of_work, academy.clock


def payment_of(academy: Academy, line: int) -> PaymentId:
    return academy.memory.store.outbox[line].payment


async def test_a_letter_goes_to_the_right_address(academy: Academy, line: int) -> None:
    """
    Once, at once; later letters about the payment go there as well.
    """
    tried = await TryErrandAgain(*parts(academy))(line, BY_STAFF, email="asha@right.example")

    while await academy.relay():
        pass
    assert tried.payment == payment_of(academy, line)
    assert [letter.to for letter in academy.mail.letters] == ["asha@right.example"]
    assert academy.payment(tried.payment).student.email == "asha@right.example"


async def test_a_letter_goes_to_the_same_address(academy: Academy, line: int) -> None:
    """
    The mailbox was full, and is not any more: the payment is not touched.
    """
    before = academy.payment(payment_of(academy, line))

    await TryErrandAgain(*parts(academy))(line, BY_STAFF)

    while await academy.relay():
        pass
    assert [letter.to for letter in academy.mail.letters] == ["asha@example.com"]
    assert academy.payment(before.id) == before


async def test_the_trail_says_who_did_it_and_not_to_which_address(
    academy: Academy, line: int
) -> None:
    """
    Masked: enough to see that it was changed.
    """
    await TryErrandAgain(*parts(academy))(line, BY_STAFF, email="asha@right.example")

    (entry,) = academy.audited("errand.reopened")
    assert (entry.origin, entry.subject) == (BY_STAFF, payment_of(academy, line))
    assert entry.facts == {
        "errand": "payment_confirmation",
        "line": str(line),
        "email": "a***@right.example",
    }


async def test_an_errand_is_closed_for_a_reason(academy: Academy, line: int) -> None:
    """
    It is not tried again, and the trail has the reason.
    """
    await CloseErrand(*parts(academy))(line, "told by telephone", BY_STAFF)

    assert not await academy.relay()
    assert not await academy.memory.outbox.parked(at_most=9)
    (entry,) = academy.audited("errand.closed")
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
    academy: Academy, line: int, why: str, error: type[Exception]
) -> None:
    """
    Blank, endless, or a card number.
    """
    with pytest.raises(error):
        await CloseErrand(*parts(academy))(line, why, BY_STAFF)

    assert academy.memory.store.outbox[line].state == "parked"


async def test_what_is_dealt_with_is_not_dealt_with_again(academy: Academy, line: int) -> None:
    """
    Two people, or one who types it twice: one letter, and the second is told.
    """
    again = TryErrandAgain(*parts(academy))
    await again(line, BY_STAFF)

    with pytest.raises(NotFound):
        await again(line, BY_STAFF)
    with pytest.raises(NotFound):
        await CloseErrand(*parts(academy))(line, "done", BY_STAFF)

    while await academy.relay():
        pass
    assert len(academy.mail.letters) == 1
