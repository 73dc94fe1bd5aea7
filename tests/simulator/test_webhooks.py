"""What the merchant hears without asking: which events, in what order, and how often when it does not listen."""

import asyncio
import hmac
from base64 import b64encode
from dataclasses import replace

import pytest

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.webhooks.webhook_sender import RETRY_PAUSES_SECONDS
from simulator.in_process import Pauses, StartMerchant
from simulator.merchant import Merchant, WebhookReceiver, receive_webhooks

SUCCESS = ["TXN_CREATED", "TXN_CHARGED", "ORDER_SUCCEEDED"]
FAILURE = ["TXN_CREATED", "TXN_FAILED", "ORDER_FAILED"]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("success", SUCCESS), ("failure", FAILURE), ("pending", ["TXN_CREATED"]), ("abandon", [])],
)
async def test_each_end_has_its_sequence(
    merchant: Merchant, receiver: WebhookReceiver, outcome: str, expected: list[str]
) -> None:
    """
    All have been tried once, in order, when the control API answers.
    """
    await merchant.create_session()

    await merchant.pay(outcome=outcome)

    assert expected == receiver.events


async def test_the_envelope_is_the_documented_one(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    Transaction events carry ``content.txn``, all others and ``TXN_CREATED`` carry ``content.order``.
    """
    await merchant.create_session()
    await merchant.pay()

    created, charged, succeeded = receiver.received
    assert [{"order"}, {"txn"}, {"order"}] == [
        set(one.body["content"]) for one in receiver.received
    ]
    assert created.body["content"]["order"]["status"] == "PENDING_VBV"
    assert succeeded.body["content"]["order"] == await merchant.status()
    txn = charged.body["content"]["txn"]
    assert (txn["order_id"], txn["status"], txn["status_id"]) == ("ORDER1", "CHARGED", 21)
    assert (txn["txn_amount"], txn["net_amount"]) == (1499.5, 1499.5)
    assert txn["payment_gateway_response"]["resp_code"] == "00"
    assert "amount" not in txn
    assert len({one.body["id"] for one in receiver.received}) == 3
    assert all(one.body["id"].startswith("evt_V2_") for one in receiver.received)
    assert all(one.body["date_created"] == "2026-07-31T10:15:00Z" for one in receiver.received)


async def test_webhooks_carry_credentials_and_headers(
    config: SimulatorConfig, receiver: WebhookReceiver, start: StartMerchant
) -> None:
    """
    Basic credentials as set in the dashboard, and custom headers beside them.
    """
    agreed = replace(
        config,
        webhook_user="hook",
        webhook_password="s3cret",
        webhook_headers=(("x-shared-secret", "abc"),),
        webhook_signature=("x-signature", "made-up-key"),
    )
    async with start(agreed) as merchant:
        await merchant.create_session()
        await merchant.pay()

    headers = receiver.received[0].headers
    assert headers["authorization"] == f"Basic {b64encode(b'hook:s3cret').decode()}"
    assert headers["x-shared-secret"] == "abc"
    assert headers["content-type"] == "application/json"
    assert [one.headers["x-signature"] for one in receiver.received] == [
        hmac.new(b"made-up-key", one.raw, "sha256").hexdigest() for one in receiver.received
    ]


def test_the_retry_table_is_sixteen_retries_over_a_day() -> None:
    """
    60 s, twice 5 min, five times 10 min, five times 1 h, three times 6 h.
    """
    assert list(RETRY_PAUSES_SECONDS) == [60, 300, 300, *[600] * 5, *[3600] * 5, *[21600] * 3]
    assert len(RETRY_PAUSES_SECONDS) == 16


@pytest.mark.parametrize("answer", [201, 204, 302, 400, 401, 500, 503])
async def test_anything_but_200_is_sent_again(
    merchant: Merchant, receiver: WebhookReceiver, pauses: Pauses, answer: int
) -> None:
    """
    The same event, under the same id, until a plain 200.
    """
    receiver.will_answer([answer, 200, 200, answer, answer, 200])
    await merchant.create_session()

    await merchant.pay()
    await receiver.until(6)

    ids = [one.body["id"] for one in receiver.received if one.event == "TXN_CREATED"]
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert pauses.taken == [60, 300, 300]


async def test_after_the_table_is_used_up_it_is_quiet(
    config: SimulatorConfig, receiver: WebhookReceiver, pauses: Pauses, start: StartMerchant
) -> None:
    """
    One delivery and sixteen retries, each after its pause times the scale.
    """
    receiver.will_answer([500] * 100)
    async with start(replace(config, webhook_retry_scale=0.5)) as merchant:
        await merchant.create_session()
        await merchant.pay(outcome="pending")
        await receiver.until(17)
        known = await merchant.known()

    assert [seconds * 0.5 for seconds in RETRY_PAUSES_SECONDS] == pauses.taken
    assert len(receiver.received) == 17
    assert not known["webhooks"][0]["acknowledged"]


async def test_an_unreachable_merchant_is_recorded(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    No listener, no crash: the delivery says what went wrong.
    """
    nowhere = replace(config, webhook_url="http://127.0.0.1:9/hook")
    async with start(nowhere) as merchant:
        await merchant.create_session()
        await merchant.pay(outcome="pending")
        delivery = (await merchant.known())["webhooks"][0]["deliveries"][0]

    assert delivery == {"at": "2026-07-31T10:15:00Z", "status_code": None, "error": "ConnectError"}


async def test_a_session_may_name_its_own_address(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    ``metadata.webhook_url`` overrides the dashboard's.
    """
    async with receive_webhooks() as other:
        await merchant.create_session(**{"metadata.webhook_url": other.url})
        await merchant.pay()

    assert other.events == SUCCESS
    assert receiver.events == []


async def test_without_an_address_nothing_is_sent(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    async with start(replace(config, webhook_url=None)) as merchant:
        await merchant.create_session()
        await merchant.pay()
        webhooks = (await merchant.known())["webhooks"]

    assert [one["deliveries"] for one in webhooks] == [[], [], []]


async def test_lost_webhooks_can_be_sent_later(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    ``"webhooks": false`` holds them back; a resend delivers what was recorded.
    """
    await merchant.create_session()
    await merchant.pay(webhooks=False)
    assert receiver.events == []

    answer = await merchant.control("webhooks/ORDER1/resend")

    assert answer.json() == {"sent": 3, "status_codes": {"200": 3}}
    assert sorted(receiver.events) == sorted(SUCCESS)


async def test_a_hundred_copies_of_one_webhook(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    All the same event, as a busy gateway may send it.
    """
    await merchant.create_session()
    await merchant.pay(webhooks=False)

    answer = await merchant.control(
        "webhooks/ORDER1/resend", copies=100, event_name="ORDER_SUCCEEDED"
    )

    assert answer.json() == {"sent": 100, "status_codes": {"200": 100}}
    assert {"ORDER_SUCCEEDED"} == set(receiver.events)
    assert len({one.body["id"] for one in receiver.received}) == 1


async def test_many_orders_paid_at_once_are_all_told(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    Two hundred payers at once: each order's own events stay in order.
    """
    ids = [f"MANY{n}" for n in range(200)]
    await asyncio.gather(*(merchant.create_session(order_id) for order_id in ids))

    await asyncio.gather(*(merchant.pay(order_id) for order_id in ids))

    assert len(receiver.received) == 600
    for order_id in ids:
        mine = [
            one.event
            for one in receiver.received
            if next(iter(one.body["content"].values()))["order_id"] == order_id
        ]
        assert mine == SUCCESS


async def test_two_attempts_at_once_do_not_mix_their_events(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    The second attempt's events wait until the first one's were tried.
    """
    await merchant.create_session()

    await asyncio.gather(merchant.pay(outcome="failure"), merchant.pay(outcome="success"))

    assert receiver.events == FAILURE + SUCCESS


async def test_personal_fields_can_be_filtered(
    config: SimulatorConfig, receiver: WebhookReceiver, start: StartMerchant
) -> None:
    """
    As in the published samples: an object may arrive as a word.
    """
    async with start(replace(config, webhook_filtered=True)) as merchant:
        await merchant.create_session(customer_email="asha@example.com")
        await merchant.pay()

    order = receiver.received[-1].body["content"]["order"]
    assert order["customer_email"] == "FILTERED"
    assert order["upi"] == "FILTERED"
    assert order["amount"] == 1499.5


async def test_ending_while_the_merchant_is_silent_leaves_nothing(
    config: SimulatorConfig, receiver: WebhookReceiver, start: StartMerchant
) -> None:
    """
    A retry that would come in an hour is dropped with the simulator.
    """
    receiver.will_answer([500])
    before = asyncio.all_tasks()
    async with start(replace(config, pause=asyncio.sleep)) as merchant:
        await merchant.create_session()
        await merchant.pay(outcome="pending")

    new = {task.get_name() for task in asyncio.all_tasks() - before if "_chase" in str(task)}
    assert new == set()
