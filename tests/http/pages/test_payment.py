"""The page of one payment: everything about it, for its student and for nobody else."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.payments.order_facts import Instrument, RefundVerdict
from domain.payments.payment_state import State
from domain.text.card_number import CardTail
from entrypoints.http.pages.timeline import STEP_WORDS
from worlds.http import Client, HttpWorld, begun_payment, signed_in
from worlds.http_refunds import refunded


def read(page: str) -> str:
    """Return the words of *page*, without what stands around them."""
    body = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def words(client: Client, world: HttpWorld, payment: str) -> str:
    answer = await client.get(f"/payments/{payment}", headers=world.bearer())
    assert answer.status_code == 200, answer.text
    return read(answer.text)


async def test_what_was_paid_is_told_whole(client: Client, world: HttpWorld) -> None:
    """
    Price, discount, taxes and total; how it was paid; who is billed; and when what happened.
    """
    payment = await begun_payment(client, world.bearer(), discount_code="TEN")
    world.pay(payment)
    text = await words(client, world, payment)

    for each in (
        "Payment received",
        "Price ₹1,180.00",
        "Discount, code TEN \N{MINUS SIGN}₹118.00",
        "Taxable value ₹900.00 CGST ₹81.00 SGST ₹81.00 Paid ₹1,062.00",
        f"Reference {payment}",
        "Billed to Asha, Maharashtra",
        "You started the payment",
        "What has happened",
        "IST",
    ):
        assert each in text, text
    assert "Check status" not in text


async def test_a_card_is_told_by_its_last_digits(client: Client, world: HttpWorld) -> None:
    """
    With its brand and the reference by which the bank finds the charge.
    """
    payment = PaymentId(await begun_payment(client, world.bearer()))
    world.pay(payment)
    known = world.gateway.orders[payment].facts
    card = Instrument(method="CARD", card_tail=CardTail("4242"), card_brand="VISA")
    world.gateway.answer(payment, replace(known, instrument=card, bank_reference="0012"))

    text = await words(client, world, payment)

    assert "Paid by Card VISA •••• 4242" in text
    assert "Bank reference 0012" in text


async def test_refunds_stand_in_the_timeline(client: Client, world: HttpWorld) -> None:
    """
    When each was asked for, when the bank gave it back and under which ARN, and when to expect it.
    """
    payment = await refunded(world, client, 500_00, arn="74537604221")
    text = await words(client, world, payment)

    assert "Refund of ₹500.00 asked for at the bank" in text
    assert "The bank gave ₹500.00 back" in text
    assert "Acquirer reference (ARN) 74537604221" in text
    assert "₹500.00 usually in your account by" in text
    assert "Usually it is in your account by" in text


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (RefundVerdict.PENDING, "₹500.00 usually in your account by"),
        (RefundVerdict.FAILED, "The bank could not give ₹500.00 back"),
    ],
)
async def test_a_refund_that_is_not_paid_promises_what_it_can(
    client: Client, world: HttpWorld, verdict: RefundVerdict, told: str
) -> None:
    """
    A day while it is on its way; that it failed, when it did.
    """
    text = await words(client, world, await refunded(world, client, 500_00, verdict))

    assert told in text
    assert "The bank gave" not in text


@pytest.mark.parametrize("page", ["payments", "result"])
async def test_documents_come_when_they_are_there(
    client: Client, world: HttpWorld, page: str
) -> None:
    """
    Until then the page says so, and updates itself with and without scripts.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    before = (await client.get(f"/{page}/{payment}", headers=world.bearer())).text
    await world.file_due_documents()
    after = (await client.get(f"/{page}/{payment}", headers=world.bearer())).text

    assert "Your invoice is being made." in read(before)
    assert f'data-events="/payments/{payment}/events"' in before
    assert '<noscript><meta http-equiv="refresh"' in before
    assert "Download invoice" in read(after)
    for each in ("is being made", "data-events", "payment.js", "refresh"):
        assert each not in after


async def test_check_status_asks_the_bank_at_intervals(client: Client, world: HttpWorld) -> None:
    """
    By a form with its token; asked again at once, the bank is left alone, and the page says when it was asked.
    """
    payment = await begun_payment(client, world.bearer())
    token = await signed_in(client, world)
    world.pay(payment, Outcome.PENDING)
    assert "Asked the bank" not in (await client.get("/payments")).text
    first = await client.post(f"/payments/{payment}/check", data={"csrf_token": token})
    world.pay(payment)
    await client.post(f"/payments/{payment}/check", data={"csrf_token": token})
    at_once = read((await client.get(f"/payments/{payment}")).text)
    world.clock.at += timedelta(seconds=30)
    await client.post(f"/payments/{payment}/check", data={"csrf_token": token})

    assert first.status_code == 303
    assert first.headers["location"] == f"/payments/{payment}#standing"
    assert "Confirming your payment" in at_once
    assert re.search(r"Check status Asked the bank .*\d\d:\d\d:\d\d IST", at_once)
    assert world.memory.store.payments[PaymentId(payment)].state is State.SUCCESS


async def test_another_site_cannot_have_it_checked(client: Client, world: HttpWorld) -> None:
    """
    The form's token is needed.
    """
    payment = await begun_payment(client, world.bearer())
    await signed_in(client, world)

    answer = await client.post(f"/payments/{payment}/check", data={"csrf_token": "wrong"})

    assert answer.status_code == 403
    assert PaymentId(payment) not in world.memory.store.asked_at


async def test_a_failed_one_can_be_tried_again(client: Client, world: HttpWorld) -> None:
    """
    By the same form as on the result page; afterwards the two lead to each other.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment, Outcome.FAILURE)
    failed = (await client.get(f"/payments/{payment}", headers=world.bearer())).text
    await client.post(f"/api/payment/retry/{payment}", headers=world.bearer())
    again = next(reversed(world.memory.store.payments))

    assert f'action="/result/{payment}/retry"' in failed
    assert "Try again: pay ₹1,180.00" in read(failed)
    assert f"Tried again as {again}" in await words(client, world, payment)
    assert f"Tried again after {payment}" in await words(client, world, again)


async def test_whoever_needs_help_names_the_reference(client: Client, world: HttpWorld) -> None:
    """
    The link to support carries it.
    """
    payment = await begun_payment(client, world.bearer())
    text = (await client.get(f"/payments/{payment}", headers=world.bearer())).text

    assert f"?subject=Payment%20{payment}" in text


async def test_it_is_its_students_alone(client: Client, world: HttpWorld) -> None:
    """
    Another student's and none look alike; who is not signed in is led back here afterwards.
    """
    payment = await begun_payment(client, world.bearer())
    nothing = "SK" + "A" * 18
    for path in ("", "/events"):
        theirs = await client.get(f"/payments/{payment}{path}", headers=world.bearer("ravi"))
        none = await client.get(f"/payments/{nothing}{path}", headers=world.bearer("ravi"))
        assert theirs.status_code == none.status_code == 404
        assert theirs.text.replace(payment, nothing) == none.text
    assert (await client.get(f"/payments/{payment}")).status_code == 401


async def test_the_result_leads_here(client: Client, world: HttpWorld) -> None:
    """
    Whatever came of it.
    """
    payment = await begun_payment(client, world.bearer())
    for outcome in (Outcome.PENDING, Outcome.SUCCESS):
        world.pay(payment, outcome)
        world.clock.at += timedelta(seconds=30)
        text = (await client.get(f"/result/{payment}", headers=world.bearer())).text
        assert f'href="/payments/{payment}">Everything about this payment' in text


def test_every_step_is_told_in_words() -> None:
    """
    But those that a refund's own lines tell.
    """
    assert set(State) - STEP_WORDS.keys() == {State.PARTIALLY_REFUNDED, State.REFUNDED}
