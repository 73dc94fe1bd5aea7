"""Payments that somebody has to look at: listed by age, and ended by what is lawful, by whom it may be."""

from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio
from httpx import Response

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.staff.access import Role
from fakes.samples import under_review
from worlds.http import FORM, Client, HttpWorld, begun_payment, into_console
from worlds.settings import settings_with

REVIEWS: Final = "/console/reviews"
STEP: Final = timedelta(seconds=30)


@pytest_asyncio.fixture
async def flagged(client: Client, world: HttpWorld) -> str:
    """A payment that was charged, under review for two reasons."""
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment, Outcome.SUCCESS)
    await client.post("/api/payment/callback", content=fields, headers=FORM)
    store = world.memory.store
    known = store.payments[PaymentId(payment)]
    store.payments[known.id] = under_review(
        known, ReviewReason.PAID_TWICE, ReviewReason.REFUND_OUTSIDE
    )
    return payment


async def resolves(
    client: Client, world: HttpWorld, token: str, payment: str, **changes: str
) -> Response:
    world.clock.move(STEP)
    form = {
        "csrf_token": token,
        "action": "accept",
        "reason": "Paid by card and by UPI",
        "code": world.code(world.seeds["farhan"]),
        **changes,
    }
    return await client.post(f"{REVIEWS}/{payment}/paid_twice", data=form)


def reasons(world: HttpWorld, payment: str) -> list[str]:
    found = world.memory.store.payments[PaymentId(payment)]
    return [each.reason.value for each in found.review.known]


async def test_what_is_under_review_is_listed(
    client: Client, world: HttpWorld, flagged: str
) -> None:
    """
    With each reason, whose it is, and how many there are of it; for one reason too.
    """
    await into_console(client, world, "sunita", Role.SUPPORT)
    page = (await client.get(REVIEWS)).text
    assert f"{REVIEWS}/{flagged}/paid_twice" in page
    assert "Paid twice (1)" in page
    assert "for finance" in page

    assert flagged in (await client.get(REVIEWS, params={"reason": "paid_twice"})).text
    none = (await client.get(REVIEWS, params={"reason": "unresolved"})).text
    assert "Nobody has to look" in none
    assert (await client.get(REVIEWS, params={"reason": "x"})).status_code == 422
    assert (
        f"{REVIEWS}/{flagged}/paid_twice" in (await client.get(f"/console/payments/{flagged}")).text
    )


async def test_support_may_ask_the_bank_alone(
    client: Client, world: HttpWorld, flagged: str
) -> None:
    """
    The form offers what a role may do; more is refused when it is sent all the same.
    """
    token = await into_console(client, world, "farhan", Role.SUPPORT)
    page = (await client.get(f"{REVIEWS}/{flagged}/paid_twice")).text
    assert 'value="read_again"' in page
    assert 'value="accept"' not in page

    assert (await resolves(client, world, token, flagged)).status_code == 403
    answer = await resolves(client, world, token, flagged, action="read_again", code="")
    assert answer.status_code == 303
    assert "paid_twice" in reasons(world, flagged)


async def test_a_review_is_ended(client: Client, world: HttpWorld, flagged: str) -> None:
    """
    With a code and in the words of who did it; the other reason stays.
    """
    token = await into_console(client, world)
    page = (await client.get(f"{REVIEWS}/{flagged}/paid_twice")).text
    assert 'value="give_back"' in page
    assert 'value="close"' not in page
    answer = await resolves(client, world, token, flagged)

    assert answer.headers["location"] == f"/console/payments/{flagged}"
    assert reasons(world, flagged) == ["refund_outside"]
    shown = (await client.get(f"/console/payments/{flagged}")).text
    assert "Paid by card and by UPI" in shown
    again = await resolves(client, world, token, flagged)
    assert again.status_code == 422
    assert "not under review for this any more" in again.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "000000"}, "wrong or too old"),
        ({"reason": "x"}, "Nothing was done"),
        ({"action": "close"}, "Nothing was done"),
        ({"action": "burn"}, "Choose what is to be done"),
        ({"reason": "4111 1111 1111 1111"}, "card number"),
    ],
)
async def test_what_does_not_end_it(
    client: Client, world: HttpWorld, flagged: str, changes: dict[str, str], said: str
) -> None:
    """
    The form comes again and says why; nothing is changed.
    """
    token = await into_console(client, world)
    answer = await resolves(client, world, token, flagged, **changes)

    assert answer.status_code == 422
    assert said in answer.text
    assert reasons(world, flagged) == ["paid_twice", "refund_outside"]


async def test_what_is_given_back_counts_as_a_refund() -> None:
    """
    As it does by the interface.
    """
    world = HttpWorld(settings_with(limit_refund="1/hour"))
    async with world.serve() as client:
        token = await into_console(client, world, "farhan", Role.FINANCE)
        answers = [
            await resolves(client, world, token, "SKAAAAAAAAAAAAAAAAAA", action="give_back")
            for _ in range(2)
        ]

    assert answers[0].status_code != 429
    assert answers[1].status_code == 429


async def test_a_reason_that_is_none(client: Client, world: HttpWorld, flagged: str) -> None:
    """
    Nor a payment that is none.
    """
    await into_console(client, world)

    assert (await client.get(f"{REVIEWS}/{flagged}/nonsense")).status_code == 422
    assert (await client.get(f"{REVIEWS}/SK{'A' * 18}/paid_twice")).status_code == 404
