"""Trying a payment again, by program and by page."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from fakes.samples import a_code, a_course, payment_id
from ports.payments.payment_gateway import GatewayOperation
from worlds.http import FORM, Client, HttpWorld, begun_payment, problem, signed_in
from worlds.settings import BANK

DAY = timedelta(hours=24)


async def declined(client: Client, world: HttpWorld, who: str = "asha", **changes: str) -> str:
    """Return a payment that the bank declined."""
    payment = await begun_payment(client, world.bearer(who), **changes)
    fields = world.pay(payment, Outcome.FAILURE)
    assert (await client.get(f"/api/payment/callback?{fields}")).status_code == 303
    return payment


async def test_a_retry_is_answered_like_an_initiation(client: Client, world: HttpWorld) -> None:
    """
    201, another id, the same price; the status of each names the other.
    """
    first = await declined(client, world)
    known = (await client.get(f"/api/payment/status/{first}", headers=world.bearer())).json()
    assert known["retry_until"] is not None

    answer = await client.post(f"/api/payment/retry/{first}", headers=world.bearer())

    made = answer.json()
    assert answer.status_code == 201
    assert made["transaction_id"] == made["order_id"] != first
    assert made["payment_url"].startswith(BANK)
    assert made["breakdown"]["payable"] == "1180.00"
    old, new = [
        (await client.get(f"/api/payment/status/{each}", headers=world.bearer())).json()
        for each in (first, made["transaction_id"])
    ]
    assert (old["retry_until"], old["retried_as"]) == (None, made["transaction_id"])
    assert (new["retry_of"], new["status"]) == (first, "pending")


async def test_the_key_repeats_the_answer(client: Client, world: HttpWorld) -> None:
    """
    Byte for byte, with a mark; a key that is none is refused.
    """
    first = await declined(client, world)
    headers = world.bearer() | {"Idempotency-Key": "once"}

    answers = [await client.post(f"/api/payment/retry/{first}", headers=headers) for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert [each.headers.get("Idempotent-Replayed") for each in answers] == [None, "true"]
    bad = world.bearer() | {"Idempotency-Key": "x" * 256}
    problem(
        await client.post(f"/api/payment/retry/{first}", headers=bad),
        400,
        "idempotency-key-invalid",
    )


async def test_refusals_name_their_reason(client: Client, world: HttpWorld) -> None:
    """
    With the payment to look at instead.
    """
    first = await declined(client, world)
    made = (await client.post(f"/api/payment/retry/{first}", headers=world.bearer())).json()
    live = problem(
        await client.post(f"/api/payment/retry/{first}", headers=world.bearer()),
        409,
        "live-attempt-exists",
    )
    assert live["transaction_id"] == made["transaction_id"]
    world.pay(made["transaction_id"])

    refused = problem(
        await client.post(f"/api/payment/retry/{made['transaction_id']}", headers=world.bearer()),
        409,
        "live-attempt-exists",
    )
    assert refused["payment_url"] == made["payment_url"]
    await client.get(f"/api/payment/status/{made['transaction_id']}", headers=world.bearer())
    refused = problem(
        await client.post(f"/api/payment/retry/{made['transaction_id']}", headers=world.bearer()),
        409,
        "retry-refused",
    )
    assert (refused["reason"], refused["transaction_id"]) == ("paid", made["transaction_id"])


@pytest.mark.parametrize("named", [payment_id(99), "SK-nonsense"])
async def test_a_stranger_is_not_found(client: Client, world: HttpWorld, named: str) -> None:
    """
    Nor is another student's.
    """
    theirs = await declined(client, world, "ravi")

    for each in (named, theirs):
        answer = await client.post(f"/api/payment/retry/{each}", headers=world.bearer())
        problem(answer, 404, "not-found")


async def test_another_price_is_told(client: Client, world: HttpWorld) -> None:
    """
    Before and now, and nothing is opened.
    """
    first = await declined(client, world)
    world.sell(a_course(rupees=2360))

    refused = problem(
        await client.post(f"/api/payment/retry/{first}", headers=world.bearer()),
        409,
        "price-changed",
    )

    assert (refused["payable_before"], refused["payable_now"]) == ("1180.00", "2360.00")
    assert list(world.memory.store.payments) == [first]


async def test_a_silent_bank_is_said_to_be_so(client: Client, world: HttpWorld) -> None:
    """
    With when to come back.
    """
    first = await declined(client, world)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    answer = await client.post(f"/api/payment/retry/{first}", headers=world.bearer())

    problem(answer, 503, "gateway-unavailable")
    assert int(answer.headers["retry-after"]) > 0


class TestPage:
    async def test_the_button_leads_to_the_bank(self, client: Client, world: HttpWorld) -> None:
        """
        With a form of its own, once however often it is sent.
        """
        first = await declined(client, world)
        token = await signed_in(client, world)
        shown = (await client.get(f"/result/{first}")).text
        assert "Try again: pay ₹1,180.00" in shown
        form = urlencode({"csrf_token": token, "key": "from-the-page"})

        answers = [
            await client.post(f"/result/{first}/retry", content=form, headers=FORM)
            for _ in range(2)
        ]

        (new,) = (each for each in world.memory.store.payments if each != first)
        order = world.memory.store.payments[new].gateway_order
        assert order is not None
        for answer in answers:
            assert order.payment_url in (answer.headers.get("location") or answer.text)

    async def test_without_the_form_token_nothing_happens(
        self, client: Client, world: HttpWorld
    ) -> None:
        """
        Another site could have sent it.
        """
        first = await declined(client, world)
        await signed_in(client, world)

        answer = await client.post(f"/result/{first}/retry", content="key=k", headers=FORM)

        assert answer.status_code == 403
        assert list(world.memory.store.payments) == [first]

    async def test_only_a_form_is_taken(self, client: Client, world: HttpWorld) -> None:
        """
        As a browser sends it.
        """
        first = await declined(client, world)
        token = await signed_in(client, world)

        answer = await client.post(
            f"/result/{first}/retry", json={}, headers={"X-CSRF-Token": token}
        )

        assert answer.status_code == 415

    async def test_money_found_meanwhile_is_shown(self, client: Client, world: HttpWorld) -> None:
        """
        The student learns that they have paid.
        """
        first = await declined(client, world)
        token = await signed_in(client, world)
        world.pay(first)

        answer = await client.post(
            f"/result/{first}/retry", content=urlencode({"csrf_token": token}), headers=FORM
        )

        assert answer.status_code == 409
        assert "Payment received" in answer.text
        assert "Try again" not in answer.text

    async def test_a_used_up_code_leads_to_the_checkout(
        self, client: Client, world: HttpWorld
    ) -> None:
        """
        The same try would be refused again.
        """
        first = await declined(client, world, discount_code="ONCE")
        world.offer(a_code("ONCE", total_limit=1, per_student_limit=1))
        await begun_payment(client, world.bearer("ravi"), discount_code="ONCE")
        token = await signed_in(client, world)

        answer = await client.post(
            f"/result/{first}/retry", content=urlencode({"csrf_token": token}), headers=FORM
        )

        assert answer.status_code == 422
        assert "This discount code has been used up." in answer.text
        assert 'href="/checkout/algebra">Start again' in answer.text

    async def test_a_passing_trouble_offers_the_button_again(
        self, client: Client, world: HttpWorld
    ) -> None:
        """
        The bank is away.
        """
        first = await declined(client, world)
        token = await signed_in(client, world)
        world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

        answer = await client.post(
            f"/result/{first}/retry", content=urlencode({"csrf_token": token}), headers=FORM
        )

        assert answer.status_code == 503
        assert "Try again: pay" in answer.text

    async def test_the_old_page_leads_to_the_new_payment(
        self, client: Client, world: HttpWorld
    ) -> None:
        """
        Once it was tried again.
        """
        first = await declined(client, world)
        made = (await client.post(f"/api/payment/retry/{first}", headers=world.bearer())).json()
        await signed_in(client, world)

        shown = (await client.get(f"/result/{first}")).text

        assert f'href="/payments/{made["transaction_id"]}">See the other payment' in shown

    async def test_after_a_day_the_checkout_is_the_way(
        self, client: Client, world: HttpWorld
    ) -> None:
        """
        The page says so by its button.
        """
        first = await declined(client, world)
        world.clock.at += DAY

        shown = (await client.get(f"/result/{first}", headers=world.bearer())).text

        assert 'href="/checkout/algebra">Start again' in shown
        assert world.memory.store.payments[PaymentId(first)].retried_as is None
