"""Faults by a seeded schedule: they are drawn once, and each kind does what its name says."""

import asyncio
import random
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.call_faults import OrderOperation
from entrypoints.simulator.faults.fault_schedule import (
    AnyFault,
    FaultKind,
    FaultRates,
    FaultSchedule,
    read_rates,
)
from entrypoints.simulator.faults.tampering import (
    EventTampering,
    ReturnTampering,
    tampered_body,
    tampered_fields,
)
from entrypoints.simulator.signing import signature_of
from simulator.in_process import Pauses, StartMerchant
from simulator.merchant import RETURN_URL, Merchant, WebhookReceiver

SUCCESS = ["TXN_CREATED", "TXN_CHARGED", "ORDER_SUCCEEDED"]
AT_ONCE: dict[str, Any] = {
    "latency_seconds": 0,
    "hold_seconds": 0,
    "webhook_delay_seconds": 0,
    "pending_seconds": 0,
}


async def plan(merchant: Merchant, seed: int = 1, **rates: float) -> None:
    answer = await merchant.control("faults", seed=seed, rates=rates, **AT_ONCE)
    assert answer.status_code == 200, answer.text


async def injected(merchant: Merchant) -> dict[str, Any]:
    answer = await merchant.http.get("/_control/faults")
    return msgspec.json.decode(answer.content, type=dict[str, Any])


@pytest.fixture
async def bank(config: SimulatorConfig, start: StartMerchant) -> AsyncGenerator[Merchant]:
    async with start(config) as merchant:
        await merchant.create_session()
        yield merchant


async def walk(merchant: Merchant, order_id: str) -> None:
    """One order's life, with everything on the way that may be struck."""
    await merchant.ask_session(order_id=order_id)
    await merchant.ask_session(order_id=order_id)
    for _ in range(3):
        await merchant.ask_status(order_id)
    await merchant.control(f"orders/{order_id}/pay", outcome="failure")
    await merchant.control(f"orders/{order_id}/pay", outcome="success")
    for number in range(2):
        await merchant.ask_refund(order_id, unique_request_id=f"{order_id}{number}", amount="1")
    await merchant.ask_status(order_id)


async def drawn(config: SimulatorConfig, start: StartMerchant, seed: int, order: Any) -> list[Any]:
    rates = FaultRates(seed=seed, rates=read_rates({"all": 0.2}), **AT_ONCE)
    async with start(replace(config, fault_rates=rates)) as merchant:
        await order(merchant)
        told = await injected(merchant)
    return sorted((one["order_id"], one["kind"], one["ordinal"]) for one in told["latest"])


async def test_the_same_seed_gives_the_same_faults(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    One order after the other, all at once, and in any order: what strikes depends on none of it.
    """
    ids = [f"WALK{n}" for n in range(12)]

    async def in_turn(merchant: Merchant) -> None:
        for order_id in ids:
            await walk(merchant, order_id)

    async def at_once(merchant: Merchant) -> None:
        await asyncio.gather(*(walk(merchant, order_id) for order_id in ids))

    async def shuffled(merchant: Merchant) -> None:
        mixed = random.Random(5).sample(ids, len(ids))  # noqa: S311 - a fixed order, nothing secret
        await asyncio.gather(*(walk(merchant, order_id) for order_id in mixed))

    first = await drawn(config, start, 7, in_turn)

    assert await drawn(config, start, 7, at_once) == first
    assert await drawn(config, start, 7, shuffled) == first
    assert await drawn(config, start, 8, in_turn) != first
    assert {FaultKind(kind) for _, kind, _ in first} == set(FaultKind)


def test_a_rate_is_how_often_it_strikes() -> None:
    """
    A tenth is about a tenth, none is never and one is always; asking again changes nothing.
    """
    rates: dict[AnyFault, float] = {
        FaultKind.HTTP_500: 0.1,
        FaultKind.HTML_403: 0.0,
        FaultKind.LATENCY: 1.0,
    }
    schedule = FaultSchedule(FaultRates(seed=3, rates=rates))

    hits = Counter(
        kind
        for kind in (*rates, FaultKind.WEBHOOK_DROP)
        for number in range(5000)
        if schedule.injects(kind, "ORDER1", str(number))
    )

    assert 400 < hits[FaultKind.HTTP_500] < 600
    assert (hits[FaultKind.HTML_403], hits[FaultKind.WEBHOOK_DROP], hits[FaultKind.LATENCY]) == (
        0,
        0,
        5000,
    )
    assert all(
        schedule.injects(FaultKind.HTTP_500, "order1", str(n))
        == schedule.injects(FaultKind.HTTP_500, "ORDER1", str(n))
        for n in range(100)
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("rate_limited", 429),
        ("http_500", 500),
        ("html_403", 403),
        ("timeout_before", 504),
        ("timeout_after", 504),
    ],
)
@pytest.mark.parametrize("operation", ["session", "status", "refund"])
async def test_calls_go_wrong_as_drawn(
    bank: Merchant, kind: str, status: int, operation: str
) -> None:
    """
    On the operations that were named; the work is done only where the name says so.
    """
    await bank.pay(webhooks=False)
    await bank.control("faults", rates={kind: 1}, operations=[operation], **AT_ONCE)
    asked = {
        "session": await bank.ask_session(order_id="ORDER2"),
        "status": await bank.ask_status(),
        "refund": await bank.ask_refund(),
    }
    await bank.http.delete("/_control/faults")

    codes = {name: answer.status_code for name, answer in asked.items()}
    assert codes == dict.fromkeys(asked, 200) | {operation: status}
    done = kind == "timeout_after"
    assert (await bank.ask_status("ORDER2")).status_code == (
        404 if operation == "session" and not done else 200
    )
    assert ("refunds" in await bank.status()) is (operation != "refund" or done)


async def test_latency_comes_before_the_work(bank: Merchant) -> None:
    await plan(bank, latency=1)

    assert (await bank.status())["status"] == "NEW"
    assert (await injected(bank))["struck"] == {"latency": 1}


async def test_an_ended_schedule_strikes_no_more(bank: Merchant) -> None:
    """
    What it did is still shown.
    """
    await plan(bank, http_500=1)
    assert (await bank.ask_status()).status_code == 500

    await bank.http.delete("/_control/faults")

    assert (await bank.ask_status()).status_code == 200
    told = await injected(bank)
    assert (told["rates"], told["struck"]) == ({}, {"http_500": 1})
    assert told["latest"] == [{"kind": "http_500", "order_id": "order1", "ordinal": "status.1"}]


async def test_what_was_planned_for_the_next_call_comes_first(bank: Merchant) -> None:
    await plan(bank, http_500=1)
    await bank.control("next", operation="status", fault="html_403")

    codes = [(await bank.ask_status()).status_code for _ in range(2)]

    assert codes == [403, 500]


async def test_a_dropped_webhook_never_comes(bank: Merchant, receiver: WebhookReceiver) -> None:
    """
    The gateway believes it was delivered; it can be sent again by hand.
    """
    await plan(bank, webhook_drop=1)

    await bank.pay()

    assert receiver.events == []
    known = (await bank.known())["webhooks"]
    assert [one["deliveries"][0]["error"] for one in known] == ["dropped on purpose"] * 3
    await bank.control("webhooks/ORDER1/resend")
    assert sorted(receiver.events) == sorted(SUCCESS)


async def test_a_duplicated_webhook_comes_twice(bank: Merchant, receiver: WebhookReceiver) -> None:
    await plan(bank, webhook_duplicate=1)

    await bank.pay()

    assert Counter(receiver.events) == dict.fromkeys(SUCCESS, 2)
    assert len({one.body["id"] for one in receiver.received}) == 3


async def test_a_delayed_webhook_comes_later(
    bank: Merchant, receiver: WebhookReceiver, pauses: Pauses
) -> None:
    """
    Nobody waits for it; the delay is a drawn part of the measure.
    """
    await bank.control("faults", rates={"webhook_delay": 1}, webhook_delay_seconds=60)

    await bank.pay()
    await receiver.until(3)

    assert sorted(receiver.events) == sorted(SUCCESS)
    assert len(set(pauses.taken)) == 3
    assert all(0 < seconds < 60 for seconds in pauses.taken)


async def test_a_reordered_webhook_lets_the_next_one_pass(
    bank: Merchant, receiver: WebhookReceiver
) -> None:
    await plan(bank, webhook_reorder=1)

    await bank.pay()

    assert sorted(receiver.events) == sorted(SUCCESS)
    assert receiver.events == ["TXN_CHARGED", "TXN_CREATED", "ORDER_SUCCEEDED"]


@pytest.mark.parametrize("how", list(EventTampering))
def test_a_tampered_event_says_something_else(how: EventTampering) -> None:
    """
    True in form, unless it was cut off; every other field is left as it was.
    """
    order = {"order_id": "ORDER1", "status": "CHARGED", "status_id": 21, "amount": 1499.5}
    body = msgspec.json.encode({"id": "evt_1", "content": {"order": order}})

    tampered = tampered_body(body, how)

    if how is EventTampering.CUT_OFF:
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(tampered)
        return
    says = msgspec.json.decode(tampered)
    changed = {name for name, value in order.items() if says["content"]["order"][name] != value}
    assert (
        changed
        == {
            EventTampering.CREDENTIALS: set(),
            EventTampering.STATUS: {"status", "status_id"},
            EventTampering.AMOUNT: {"amount"},
            EventTampering.ORDER: {"order_id"},
        }[how]
    )
    assert says["id"] == "evt_1"


async def test_tampered_webhooks_reach_the_merchant(
    bank: Merchant, receiver: WebhookReceiver
) -> None:
    """
    With wrong credentials, cut off, or saying something that is not so.
    """
    await plan(bank, webhook_tamper=1)
    for number in range(10):
        await bank.create_session(f"T{number}")
        await bank.pay(f"T{number}")

    agreed = f"Basic {b64encode(b'simhook:simhookpass').decode()}"
    paid = [await bank.status(f"T{number}") for number in range(10)]
    said = [one.body["content"]["order"] for one in receiver.received if one.event == SUCCESS[-1]]
    assert len(receiver.received) == 30
    assert any(one.headers["authorization"] != agreed for one in receiver.received)
    assert any(not one.body for one in receiver.received)
    assert any(body not in paid for body in said)


async def test_what_is_sent_again_is_whole(bank: Merchant, receiver: WebhookReceiver) -> None:
    """
    A merchant who refuses a forged event gets the genuine one at the next try.
    """
    await plan(bank, webhook_tamper=1)
    receiver.will_answer([401])

    await bank.pay(outcome="pending")
    await receiver.until(2)

    genuine = {"order": await bank.status()}
    assert [one.body.get("content") == genuine for one in receiver.received] == [False, True]


@pytest.mark.parametrize("how", list(ReturnTampering))
def test_a_tampered_return_does_not_match_its_signature(how: ReturnTampering) -> None:
    fields = {"order_id": "ORDER1", "status": "CHARGED", "status_id": "21"}
    signed = {**fields, "signature": signature_of(fields, "key")}

    forged = tampered_fields(signed, how)

    assert forged != signed
    assert forged.get("signature") != signature_of(forged, "key")
    assert {"order_id", "status", "status_id"} <= set(forged)


async def test_a_forged_return_is_signed_wrong(bank: Merchant, config: SimulatorConfig) -> None:
    """
    As a redirect and as a form, the same.
    """
    await plan(bank, return_forged=1)

    answer = await bank.pay(webhooks=False)

    fields = dict(parse_qsl(urlsplit(answer["return_url"]).query))
    assert fields == answer["fields"]
    assert answer["return_url"].startswith(RETURN_URL)
    assert fields.get("signature") != signature_of(fields, config.response_key)


async def test_a_lost_payer_never_gets_back(bank: Merchant) -> None:
    """
    Neither as told by the control API nor in a browser, which stays on the paid page.
    """
    link = (await bank.known())["payment_link"]
    await plan(bank, return_lost=1)

    page = await bank.http.post(f"{link}/upi", data={"vpa": "success@upi"})
    await bank.create_session("ORDER2")
    answer = await bank.pay("ORDER2")

    assert answer["return_url"] is None
    assert answer["status"] == "CHARGED"
    assert page.headers["location"].endswith("/payment-page")
    assert (await bank.status())["status"] == "CHARGED"


@pytest.mark.parametrize(
    ("outcome", "status"), [("success", "CHARGED"), ("failure", "AUTHORIZATION_FAILED")]
)
async def test_a_payment_may_be_pending_first(
    bank: Merchant, receiver: WebhookReceiver, outcome: str, status: str
) -> None:
    """
    The payer comes back while nothing is known; the end is the one that was chosen, later.
    """
    await plan(bank, pending_first=1)

    answer = await bank.pay(outcome=outcome)
    await receiver.until(3)

    assert (answer["status"], (await bank.status())["status"]) == ("PENDING_VBV", status)


async def test_a_card_may_be_pending_after_its_password(
    bank: Merchant, receiver: WebhookReceiver
) -> None:
    link = (await bank.known())["payment_link"]
    await plan(bank, pending_first=1)
    card = {"number": "4012000000001097", "expiry": "12/30", "cvv": "123"}
    await bank.http.post(f"{link}/card", data=card)

    back = await bank.http.post(f"{link}/otp", data={"otp": "000000"})
    await receiver.until(3)

    assert "status=PENDING_VBV" in back.headers["location"]
    assert (await bank.status())["status"] == "CHARGED"


@pytest.mark.parametrize(
    ("then", "status"), [("success", "CHARGED"), ("failure", "AUTHORIZATION_FAILED")]
)
async def test_a_pending_payment_can_be_told_its_end(
    bank: Merchant, receiver: WebhookReceiver, pauses: Pauses, then: str, status: str
) -> None:
    """
    Without a schedule: this one, in so many seconds.
    """
    await bank.pay(outcome="pending", then=then, then_seconds=40)
    await receiver.until(3)

    assert (await bank.status())["status"] == status
    assert pauses.taken == [40]


async def test_late_money_can_be_told_to_go_back(bank: Merchant, receiver: WebhookReceiver) -> None:
    await bank.pay(outcome="pending", then="success", auto_refund=True)
    await receiver.until(3)

    assert (await bank.status())["status"] == "AUTO_REFUNDED"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"rates": {"webhook_lost": 0.5}}, "no such fault"),
        ({"rates": {"http_500": 1.5}}, "0 to 1"),
        ({"rates": {"all": -0.1}}, "0 to 1"),
        ({"operations": ["capture"]}, "capture"),
        ({"hold_seconds": 1000}, "120"),
        ({"sed": 1}, "sed"),
    ],
)
async def test_a_mistaken_schedule_is_told(
    bank: Merchant, body: dict[str, Any], complaint: str
) -> None:
    answer = await bank.control("faults", **body)

    assert answer.status_code == 400
    assert complaint in answer.text


async def test_then_goes_with_pending_only(bank: Merchant) -> None:
    answer = await bank.control("orders/ORDER1/pay", outcome="success", then="failure")

    assert answer.status_code == 400


def test_all_stands_for_what_is_not_named() -> None:
    assert read_rates({"all": 0.1, "http_500": 0}) == dict.fromkeys(FaultKind, 0.1) | {
        FaultKind.HTTP_500: 0
    }
    assert read_rates({"http_500": 0.2}) == {FaultKind.HTTP_500: 0.2}


def test_only_named_operations_are_struck() -> None:
    schedule = FaultSchedule(
        FaultRates(rates={FaultKind.HTTP_500: 1.0}, operations=frozenset({OrderOperation.REFUND}))
    )

    assert schedule.call(OrderOperation.STATUS, "ORDER1") == (0.0, None)
    assert schedule.call(OrderOperation.REFUND, "ORDER1") == (0.0, "http_500")
