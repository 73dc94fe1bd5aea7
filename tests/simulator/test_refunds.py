"""Refunds at the simulator: asked for by API, made by the bank itself, and how they end."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.refund_script import RefundOutcome, RefundScript
from simulator.in_process import HandClock, Pauses, StartMerchant
from simulator.merchant import Merchant, WebhookReceiver, receive_webhooks

BY_HAND = RefundScript(outcome=RefundOutcome.PENDING, arn_seconds=None)
PAID = ["TXN_CREATED", "TXN_CHARGED", "ORDER_SUCCEEDED"]


@pytest.fixture
async def paid(config: SimulatorConfig, start: StartMerchant) -> AsyncGenerator[Merchant]:
    """A merchant whose ORDER1 of 1499.50 is charged; refunds wait for somebody's decision."""
    async with start(replace(config, refund_script=BY_HAND)) as merchant:
        await merchant.create_session()
        await merchant.pay(webhooks=False)
        yield merchant


async def decide(merchant: Merchant, outcome: str, refund: str = "RF1") -> dict[str, Any]:
    answer = await merchant.control(f"orders/ORDER1/refunds/{refund}/decide", outcome=outcome)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=dict[str, Any])


def told(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error_code"], body["error_info"]["code"]


async def test_a_fresh_refund_is_pending(paid: Merchant) -> None:
    """
    The whole order comes back; nothing of the refund is known but that it was asked for.
    """
    answer = await paid.ask_refund(amount="500")

    order = answer.json()
    assert order["refunds"] == [
        {
            "id": None,
            "unique_request_id": "RF1",
            "amount": 500,
            "created": "2026-07-31T10:15:00Z",
            "status": "PENDING",
            "ref": None,
            "error_code": None,
            "error_message": "",
            "sent_to_gateway": False,
            "initiated_by": "API",
            "refund_source": "DUMMY",
            "refund_type": "STANDARD",
        }
    ]
    assert (order["status"], order["status_id"]) == ("CHARGED", 21)
    assert (order["refunded"], order["amount_refunded"]) == (False, 500)
    assert order["maximum_eligible_refund_amount"] == 999.5
    assert order == await paid.status()


async def test_an_order_without_refunds_does_not_speak_of_them(paid: Merchant) -> None:
    order = await paid.status()

    assert "refunds" not in order
    assert (order["refunded"], order["amount_refunded"]) == (False, 0)
    assert order["maximum_eligible_refund_amount"] == 1499.5


@pytest.mark.parametrize(
    ("outcome", "counted", "event"),
    [
        ("success", 500, "ORDER_REFUNDED"),
        ("failure", 0, "ORDER_REFUND_FAILED"),
        ("manual_review", 500, "REFUND_MANUAL_REVIEW_NEEDED"),
    ],
)
async def test_only_a_failure_gives_the_amount_back(
    paid: Merchant, receiver: WebhookReceiver, outcome: str, counted: int, event: str
) -> None:
    """
    ``amount_refunded`` counts every refund that did not fail, and each end has its event.
    """
    await paid.refund()

    await decide(paid, outcome)

    order = await paid.status()
    assert order["refunds"][0]["status"] == outcome.upper()
    assert order["amount_refunded"] == counted
    assert order["maximum_eligible_refund_amount"] == 1499.5 - counted
    assert receiver.events == ["REFUND_INITIATED", event]
    assert receiver.received[-1].body["content"]["order"] == order


async def test_refunded_means_all_of_it(paid: Merchant) -> None:
    """
    Two parts: ``refunded`` turns true with the last rupee, pending or not, and the status stays CHARGED.
    """
    await paid.refund(amount="999.50")
    first = await paid.status()
    await paid.refund(amount="500", unique_request_id="RF2")
    second = await paid.status()

    assert (first["refunded"], second["refunded"]) == (False, True)
    assert (second["amount_refunded"], second["maximum_eligible_refund_amount"]) == (1499.5, 0)
    assert second["status"] == "CHARGED"


async def test_without_an_amount_all_that_is_left_goes_back(paid: Merchant) -> None:
    await paid.refund(amount="0.50")

    assert (await paid.refund(amount=None, unique_request_id="RF2"))["amount"] == 1499


async def test_a_success_carries_words_that_are_no_error(paid: Merchant) -> None:
    """
    ``error_code`` "00" and a bank's reference; the ARN follows by an event of its own.
    """
    await paid.refund()
    done = (await decide(paid, "success"))["refund"]
    assert (done["error_code"], done["error_message"]) == ("00", "processed")
    assert done["sent_to_gateway"]
    assert len(done["ref"]) == 12
    assert "arn" not in done

    answer = await paid.control("orders/ORDER1/refunds/RF1/arn")

    assert len(answer.json()["refund"]["arn"]) == 23
    assert (await paid.status())["refunds"][0]["arn"] == answer.json()["refund"]["arn"]
    assert (await paid.control("orders/ORDER1/refunds/RF1/arn")).status_code == 409


async def test_a_refund_has_one_end(paid: Merchant) -> None:
    """
    A review ends in a success or a failure; neither is ever left again.
    """
    await paid.refund()
    await decide(paid, "manual_review")
    await decide(paid, "failure")

    for outcome in ("success", "failure", "manual_review"):
        again = await paid.control("orders/ORDER1/refunds/RF1/decide", outcome=outcome)
        assert again.status_code == 409
    assert (await paid.control("orders/ORDER1/refunds/RF1/arn")).status_code == 409
    assert (await paid.control("orders/ORDER1/refunds/NONE/arn")).status_code == 404


async def test_a_worker_takes_it_to_its_end(
    config: SimulatorConfig, pauses: Pauses, receiver: WebhookReceiver, start: StartMerchant
) -> None:
    """
    PENDING for its seconds, then a success, then the ARN: by itself, in order.
    """
    script = RefundScript(seconds=30, arn_seconds=60)
    async with start(replace(config, refund_script=script)) as merchant:
        await merchant.create_session()
        await merchant.pay()
        assert (await merchant.refund())["status"] == "PENDING"
        await receiver.until(6)
        entry = (await merchant.status())["refunds"][0]

    assert receiver.events == [*PAID, "REFUND_INITIATED", "ORDER_REFUNDED", "REFUND_ARN_CAPTURED"]
    assert [
        one.body["content"]["order"]["refunds"][0]["status"] for one in receiver.received[3:]
    ] == [
        "PENDING",
        "SUCCESS",
        "SUCCESS",
    ]
    assert entry["arn"]
    assert pauses.taken == [30, 60]


async def test_the_next_refunds_can_be_scripted(
    merchant: Merchant, pauses: Pauses, receiver: WebhookReceiver
) -> None:
    """
    One of this order fails late with the bank's own code, as an over-refund that passed the API would.
    """
    for order_id in ("ORDER1", "OTHER"):
        await merchant.create_session(order_id)
        await merchant.pay(order_id, webhooks=False)
    planned = await merchant.control(
        "refunds/next", outcome="failure", seconds=7, error_code="105", order_id="ORDER1"
    )
    assert planned.json() == {"waiting": 1}

    await merchant.refund("OTHER", unique_request_id="RF2")
    await receiver.until(3)
    await merchant.refund()
    await receiver.until(5)

    other, mine = [(await merchant.status(each))["refunds"][0] for each in ("OTHER", "ORDER1")]
    assert (other["status"], mine["status"]) == ("SUCCESS", "FAILURE")
    assert mine["error_code"] == "105"
    assert "pg_declined_at" in mine
    assert pauses.taken == [1, 1, 7]


async def test_scripts_can_be_forgotten(merchant: Merchant, receiver: WebhookReceiver) -> None:
    await merchant.create_session()
    await merchant.pay(webhooks=False)
    await merchant.control("refunds/next", outcome="failure", times=3)

    assert (await merchant.http.delete("/_control/refunds/next")).json() == {"waiting": 0}

    await merchant.refund()
    await receiver.until(2)
    assert (await merchant.status())["refunds"][0]["status"] == "SUCCESS"


async def test_an_id_is_used_once(paid: Merchant, clock: HandClock) -> None:
    """
    Never replayed: not with the same amount, not for another order, not after a failure.
    """
    await paid.refund()
    await decide(paid, "failure")
    clock.forward(days=1)
    await paid.create_session("ORDER2")
    await paid.pay("ORDER2")

    for order_id, amount in (("ORDER1", "500.00"), ("ORDER1", "1"), ("ORDER2", "500.00")):
        again = await paid.ask_refund(order_id, amount=amount)
        assert told(again) == (400, "duplicate.call", "DUPLICATE_REQUEST")
    assert len((await paid.status())["refunds"]) == 1


async def test_the_same_amount_at_once_is_a_duplicate(paid: Merchant, clock: HandClock) -> None:
    """
    For five seconds, while the first is pending; another amount is not, and later it is not.
    """
    await paid.refund(amount="100")

    at_once = await paid.ask_refund(amount="100.00", unique_request_id="RF2")
    assert told(at_once) == (400, "duplicate.call", "DUPLICATE_REQUEST")
    assert (await paid.refund(amount="101", unique_request_id="RF3"))["status"] == "PENDING"
    clock.forward(seconds=4.9)
    assert (await paid.ask_refund(amount="100", unique_request_id="RF4")).status_code == 400
    clock.forward(seconds=0.1)
    assert (await paid.refund(amount="100", unique_request_id="RF5"))["status"] == "PENDING"


async def test_the_window_can_be_closed(config: SimulatorConfig, start: StartMerchant) -> None:
    """
    Nothing is a duplicate by its amount when the merchant's test does not want it.
    """
    agreed = replace(config, refund_script=BY_HAND, refund_duplicate_seconds=0)
    async with start(agreed) as merchant:
        await merchant.create_session()
        await merchant.pay()
        await merchant.refund(amount="100")

        assert await merchant.refund(amount="100", unique_request_id="RF2")


async def test_nothing_goes_back_twice(paid: Merchant) -> None:
    """
    More than what is left is refused, counting what is on its way.
    """
    await paid.refund(amount="999.50")

    over = await paid.ask_refund(amount="500.01", unique_request_id="RF2")
    assert told(over) == (400, "invalid.amount.exceeded", "INVALID_INPUT")

    await decide(paid, "failure")
    assert await paid.refund(amount="1499.50", unique_request_id="RF3")
    rest = await paid.ask_refund(amount=None, unique_request_id="RF4")
    assert told(rest) == (400, "invalid.amount.exceeded", "INVALID_INPUT")


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "1.005", "1e2", "ten", "1,000"])
async def test_an_amount_is_rupees_above_zero(paid: Merchant, amount: str) -> None:
    refused = await paid.ask_refund(amount=amount)

    assert told(refused) == (400, "invalid amount", "INVALID_INPUT")
    assert "refunds" not in await paid.status()


@pytest.mark.parametrize("outcome", ["failure", "pending", "abandon"])
async def test_only_a_charged_order_is_refunded(merchant: Merchant, outcome: str) -> None:
    await merchant.create_session()
    await merchant.pay(outcome=outcome)

    refused = await merchant.ask_refund()

    assert told(refused) == (400, "invalid.order.not_successful", "INVALID_ACTION")


async def test_an_order_holds_25_refunds(paid: Merchant) -> None:
    """
    Failed ones count as well.
    """
    for n in range(25):
        await paid.refund(amount=f"1.{n:02d}", unique_request_id=f"RF{n}")
        await decide(paid, "failure", f"RF{n}")

    refused = await paid.ask_refund(unique_request_id="RF25")

    assert told(refused) == (400, "request.exceeded", "INVALID_ACTION")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"unique_request_id": None}, "Mandatory fields are missing"),
        ({"unique_request_id": "RF-1"}, "INVALID_REQUEST"),
        ({"unique_request_id": "R" * 21}, "INVALID_REQUEST"),
        ({"refund_type": "INSTANT"}, "INVALID_REQUEST"),
        ({"webhook_url": "http://example.com/hook"}, "INVALID_REQUEST"),
    ],
)
async def test_a_malformed_request_is_named(
    paid: Merchant, fields: dict[str, Any], code: str
) -> None:
    refused = await paid.ask_refund(**fields)

    assert (refused.status_code, refused.json()["error_code"]) == (400, code)


async def test_other_credentials_and_unknown_orders_are_refused(paid: Merchant) -> None:
    unknown = await paid.ask_refund("NOBODY")
    assert (unknown.status_code, unknown.json()["status"]) == (404, "NOT_FOUND")

    paid.api_key = "wrong"
    assert (await paid.ask_refund()).status_code == 401
    assert (await paid.http.post("/refunds", data={}, headers=paid.headers)).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"unique_request_id":"RF1","amount":100.10,"note":null}', "application/json", 200),
        (b'{"unique_request_id":"RF1","amount":"100.10"}', "application/json", 200),
        (b"unique_request_id=RF1&amount=100.10", "application/x-www-form-urlencoded", 200),
        (b"unique_request_id=RF1&amount=100.10", "text/plain", 415),
        (b"amount=1&amount=2", "application/x-www-form-urlencoded", 400),
        (b"amount=%FF", "application/x-www-form-urlencoded", 400),
        (b"[]", "application/json", 400),
    ],
)
async def test_a_form_is_asked_for_and_json_works(
    paid: Merchant, body: bytes, kind: str, status: int
) -> None:
    """
    The digits of a JSON number are kept as they were sent.
    """
    headers = paid.headers | {"Content-Type": kind}
    answer = await paid.http.post("/orders/ORDER1/refunds", content=body, headers=headers)

    assert answer.status_code == status
    if status == 200:
        assert b'"amount":100.1,' in answer.content


async def test_by_txn_id_one_flat_refund_comes_back(paid: Merchant) -> None:
    """
    The older call: by ``order_id`` it answers the order, by ``txn_id`` a refund under other names.
    """
    form = {"txn_id": "SIMMERCHANT-ORDER1-1", "unique_request_id": "RF1", "amount": "500"}
    flat = await paid.http.post("/refunds", data=form, headers=paid.headers)
    form = {"order_id": "ORDER1", "unique_request_id": "RF2", "amount": "100"}
    whole = await paid.http.post("/refunds", data=form, headers=paid.headers)

    assert flat.json() == {
        "unique_request_id": "RF1",
        "order_id": "ORDER1",
        "txn_id": "SIMMERCHANT-ORDER1-1",
        "amount": 500,
        "status": "PENDING",
        "sent_to_gateway": False,
        "refund_type": "STANDARD",
        "refund_source": "DUMMY",
        "gateway": "DUMMY",
        "initiated_by": "API",
        "created": "2026-07-31T10:15:00Z",
        "response_code": None,
        "error_message": None,
        "refund_arn": None,
        "reference_id": None,
        "epg_txn_id": None,
        "authorization_id": None,
    }
    assert [each["unique_request_id"] for each in whole.json()["refunds"]] == ["RF1", "RF2"]


@pytest.mark.parametrize("txn_id", ["SIMMERCHANT-ORDER1-2", "ORDER1", "X-ORDER1-1", ""])
async def test_an_unknown_txn_id_finds_nothing(paid: Merchant, txn_id: str) -> None:
    form = {"txn_id": txn_id, "unique_request_id": "RF1", "amount": "500"}
    answer = await paid.http.post("/refunds", data=form, headers=paid.headers)

    assert answer.status_code == (404 if txn_id else 400)


async def test_a_refund_may_name_its_own_address(paid: Merchant, receiver: WebhookReceiver) -> None:
    async with receive_webhooks() as other:
        await paid.refund(webhook_url=other.url)
        await decide(paid, "success")

    assert other.events == ["REFUND_INITIATED", "ORDER_REFUNDED"]
    assert receiver.events == []


async def test_staff_refund_at_the_dashboard(paid: Merchant, receiver: WebhookReceiver) -> None:
    """
    Nobody asked for it by API: the merchant finds a refund that it did not request.
    """
    answer = await paid.control("orders/ORDER1/refunds", amount="200")

    made = answer.json()["refund"]
    assert (made["status"], made["initiated_by"], made["amount"]) == ("PENDING", "DASHBOARD", 200)
    assert (await paid.status())["refunds"] == [made]
    assert receiver.events == ["REFUND_INITIATED"]
    over = await paid.control("orders/ORDER1/refunds", amount="2000")
    assert (over.status_code, over.json()["error"]) == (400, "400 invalid.amount.exceeded")


async def test_the_dashboard_refunds_all_that_is_left(
    paid: Merchant, receiver: WebhookReceiver
) -> None:
    answer = await paid.control(
        "orders/ORDER1/refunds", unique_request_id="BYHAND1", outcome="success", webhooks=False
    )
    await receiver.until(1)

    assert answer.json()["refund"]["amount"] == 1499.5
    assert (await paid.status())["refunds"][0]["status"] == "SUCCESS"
    assert receiver.events == ["ORDER_REFUNDED"]


async def test_a_fault_can_swallow_the_answer_to_a_refund(paid: Merchant) -> None:
    """
    The refund is made although the answer is lost: the same id again is a duplicate, and the order lists it.
    """
    await paid.control("next", operation="refund", fault="timeout_after", hold_seconds=0)

    assert (await paid.ask_refund()).status_code == 504

    assert told(await paid.ask_refund())[1] == "duplicate.call"
    assert [one["unique_request_id"] for one in (await paid.status())["refunds"]] == ["RF1"]


async def late(config: SimulatorConfig, merchant: Merchant, clock: HandClock, how: str) -> None:
    fields = {"metadata.auto_refund_post_success": "true"} if how == "by session" else {}
    await merchant.create_session(**fields)
    await merchant.pay(outcome="pending")
    clock.forward(minutes=16)
    wanted = True if how == "by wish" else None
    await merchant.control("orders/ORDER1/settle", outcome="success", auto_refund=wanted)


@pytest.mark.parametrize("how", ["by session", "by wish", "by agreement"])
async def test_money_that_comes_too_late_goes_back_by_itself(
    config: SimulatorConfig,
    clock: HandClock,
    receiver: WebhookReceiver,
    start: StartMerchant,
    how: str,
) -> None:
    """
    AUTO_REFUNDED, 36: never a sale, with a refund that the gateway made and named ``AR``.
    """
    async with start(replace(config, auto_refund_late=how == "by agreement")) as merchant:
        await late(config, merchant, clock, how)
        await receiver.until(4)
        order = await merchant.status()
        again = await merchant.control("orders/ORDER1/pay", late=True)
        refused = await merchant.ask_refund()

    assert (order["status"], order["status_id"]) == ("AUTO_REFUNDED", 36)
    assert (order["refunded"], order["amount_refunded"]) == (True, 1499.5)
    (refund,) = order["refunds"]
    assert refund["unique_request_id"].startswith("AR")
    assert len(refund["unique_request_id"]) == 20
    assert (refund["initiated_by"], refund["status"]) == ("AUTO_REFUNDED", "SUCCESS")
    assert receiver.events[:3] == ["TXN_CREATED", "AUTO_REFUND_INITIATED", "AUTO_REFUND_SUCCEEDED"]
    assert again.status_code == 409
    assert told(refused)[1] == "invalid.order.not_successful"


async def test_an_automatic_refund_may_fail(
    merchant: Merchant, clock: HandClock, receiver: WebhookReceiver
) -> None:
    """
    The order stays AUTO_REFUNDED while the money is still with the bank.
    """
    await merchant.control("refunds/next", outcome="failure")
    await merchant.create_session()
    await merchant.pay(auto_refund=True)
    await receiver.until(3)

    order = await merchant.status()
    assert receiver.events == ["TXN_CREATED", "AUTO_REFUND_INITIATED", "AUTO_REFUND_FAILED"]
    assert (order["status"], order["amount_refunded"]) == ("AUTO_REFUNDED", 0)
    assert not order["refunded"]


async def test_late_money_is_kept_unless_agreed_otherwise(
    merchant: Merchant, clock: HandClock
) -> None:
    await merchant.create_session()
    await merchant.pay(outcome="pending")
    clock.forward(minutes=16)

    await merchant.control("orders/ORDER1/settle", outcome="success")

    assert (await merchant.status())["status"] == "CHARGED"


async def test_the_page_tells_what_went_back(paid: Merchant) -> None:
    """
    Whoever opens the link again sees each refund and how far it is.
    """
    link = (await paid.known())["payment_link"]
    await paid.refund()
    await decide(paid, "success")

    page = (await paid.http.get(link)).text

    assert "This order is paid" in page
    assert "Refund, back" in page
    assert "₹500.00" in page


async def test_the_page_tells_that_it_was_too_late(merchant: Merchant) -> None:
    link = await merchant.payment_page()
    await merchant.pay(auto_refund=True)

    page = (await merchant.http.get(link)).text

    assert "This payment came too late" in page
    assert "This order is paid" not in page


async def test_the_control_api_shows_the_refunds(paid: Merchant) -> None:
    await paid.refund()

    known = await paid.known()

    assert [one["unique_request_id"] for one in known["refunds"]] == ["RF1"]
    assert known["webhooks"][-1]["event_name"] == "REFUND_INITIATED"
