"""The bank is away: nobody is sent to it, nobody is alarmed, what it tells us is taken all the same."""

from typing import Final

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from fakes.guard import OPEN_FOR, SILENCES_MAX
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayOperation
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem, signed_in

PAGE: Final = "/checkout/algebra"
INITIATE: Final = "/api/payment/initiate"


@pytest.fixture
def world(world: HttpWorld) -> HttpWorld:
    """A world whose circuit breaker leaves a silent bank alone."""
    world.guard_the_bank()
    return world


async def fall_silent(client: Client, world: HttpWorld) -> None:
    """Let the bank be silent until nobody is sent to it any more."""
    world.gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN, times=SILENCES_MAX)
    for number in range(SILENCES_MAX):
        answer = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer(f"early-{number}"))
        assert problem(answer, 503, "gateway-unavailable")


async def test_while_the_bank_is_away_no_payment_is_opened(
    client: Client, world: HttpWorld
) -> None:
    """
    503 with the rest that is left; nothing is opened, nobody is asked; then all is as before.
    """
    await fall_silent(client, world)
    before = len(world.memory.store.payments)
    answer = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer())

    told = problem(answer, 503, "gateway-away")
    assert "Nothing was charged" in told["detail"]
    assert answer.headers["retry-after"] == "10"
    assert len(world.memory.store.payments) == before
    assert world.gateway.calls[GatewayOperation.CREATE_SESSION] == SILENCES_MAX

    world.clock.move(OPEN_FOR)
    assert await begun_payment(client, world.bearer())


async def test_the_checkout_says_that_payments_are_paused(client: Client, world: HttpWorld) -> None:
    """
    Before anything is filled in, with the price, and when Pay is pressed; the form is kept.
    """
    token = await signed_in(client, world)
    calm = (await client.get(PAGE)).text
    await fall_silent(client, world)
    form = {"name": "Asha K", "state_code": "27", "csrf_token": token, "key": "k1"}
    shown = await client.get(PAGE)
    priced = await client.post(f"{PAGE}/price", data=form)
    refused = await client.post(PAGE, data=form)

    assert "paused" not in calm
    for answer, status in ((shown, 200), (priced, 200), (refused, 503)):
        assert answer.status_code == status
        assert answer.text.count("Payments are paused") == 1
        assert "about 10 seconds" in answer.text
    assert 'value="Asha K"' in refused.text

    world.clock.move(OPEN_FOR)
    assert "paused" not in (await client.get(PAGE)).text
    assert (await client.post(PAGE, data=form)).status_code == 303


async def test_webhooks_are_taken_while_nobody_can_be_asked(
    client: Client, world: HttpWorld
) -> None:
    """
    200 and kept; the result page says why it does not know yet, and never that anything failed.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment, Outcome.SUCCESS)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=SILENCES_MAX)
    page = (await client.get(f"/result/{payment}", headers=world.bearer())).text
    headers, body = world.gateway.event(PaymentId(payment))
    told = await client.post("/api/payment/webhook", content=body, headers=headers)

    assert "The bank is not answering just now" in page
    assert "fail" not in page.lower()
    assert told.status_code == 200
    assert [row.state for row in world.memory.store.inbox.values()] == [EntryState.NEW]
    assert world.gateway.calls[GatewayOperation.READ_ORDER] == SILENCES_MAX

    world.clock.move(OPEN_FOR)
    page = (await client.get(f"/result/{payment}", headers=world.bearer())).text
    assert "Payment received" in page


async def test_a_callback_meets_an_absent_bank(client: Client, world: HttpWorld) -> None:
    """
    The student is sent on to the result page, which waits.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment, Outcome.SUCCESS)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=SILENCES_MAX)
    for _ in range(2):
        answer = await client.get(f"/api/payment/callback?{fields}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/result/{payment}")

    page = (await client.get(f"/result/{payment}", headers=world.bearer())).text
    assert "Confirming your payment" in page
