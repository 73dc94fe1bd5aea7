"""The control API: a test acts as the payer and the bank, and makes calls go wrong."""

import asyncio

import pytest

from entrypoints.simulator.faults.call_faults import OperationFault, OrderOperation
from entrypoints.simulator.faults.fault_plan import FaultPlan
from entrypoints.simulator.faults.fault_schedule import FaultRates, FaultSchedule
from entrypoints.simulator.wire import json_answer
from simulator.in_process import HandClock
from simulator.merchant import Merchant, WebhookReceiver


async def test_paying_answers_the_signed_way_back(merchant: Merchant) -> None:
    """
    The first test vector of the signature, in its URL form.
    """
    await merchant.create_session("ORD20260731A1B2C3D4")

    answer = await merchant.pay("ORD20260731A1B2C3D4")

    assert answer["return_url"] == (
        "https://pay.example.com/hdfc/return?order_id=ORD20260731A1B2C3D4&status=CHARGED"
        "&status_id=21&signature=JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As%2BOLfW5UB9A%3D"
        "&signature_algorithm=HMAC-SHA256"
    )
    assert answer["fields"]["signature"] == "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As+OLfW5UB9A="
    assert (answer["status"], answer["status_id"]) == ("CHARGED", 21)


async def test_the_payer_who_leaves_changes_nothing(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    await merchant.create_session()

    answer = await merchant.pay(outcome="abandon")

    assert answer["return_url"] is None
    assert (await merchant.status())["status"] == "NEW"
    assert (await merchant.known())["attempts"] == []
    assert receiver.events == []


@pytest.mark.parametrize(
    ("outcome", "status", "events"),
    [
        ("success", "CHARGED", ["TXN_CHARGED", "ORDER_SUCCEEDED"]),
        ("failure", "AUTHORIZATION_FAILED", ["TXN_FAILED", "ORDER_FAILED"]),
    ],
)
async def test_a_pending_attempt_is_decided(  # noqa: PLR0917 - a parametrised row and its fixtures
    merchant: Merchant,
    receiver: WebhookReceiver,
    clock: HandClock,
    outcome: str,
    status: str,
    events: list[str],
) -> None:
    """
    A pending attempt is decided, even after the order expired.
    """
    await merchant.create_session()
    await merchant.pay(outcome="pending")
    clock.forward(hours=1)

    answer = await merchant.control("orders/ORDER1/decide", outcome=outcome)

    assert answer.json()["status"] == status
    assert f"status={status}" in answer.json()["return_url"]
    assert receiver.events == ["TXN_CREATED", *events]


async def test_nothing_pending_nothing_to_decide(merchant: Merchant) -> None:
    await merchant.create_session()
    await merchant.pay()

    assert (await merchant.control("orders/ORDER1/settle", outcome="success")).status_code == 409


async def test_an_order_is_paid_once(merchant: Merchant) -> None:
    """
    Fifty payers at once: one charge, the others are told.
    """
    await merchant.create_session()

    answers = await asyncio.gather(
        *(merchant.control("orders/ORDER1/pay", outcome="success") for _ in range(50))
    )

    codes = [answer.status_code for answer in answers]
    assert (codes.count(200), codes.count(409)) == (1, 49)


async def test_after_expiry_only_a_late_payer_pays(merchant: Merchant, clock: HandClock) -> None:
    await merchant.create_session()
    clock.forward(minutes=15)

    refused = await merchant.control("orders/ORDER1/pay", outcome="success")
    assert refused.status_code == 409
    assert (await merchant.status())["status"] == "NEW"

    assert (await merchant.pay(late=True))["status"] == "CHARGED"


async def test_an_order_holds_25_attempts(merchant: Merchant) -> None:
    await merchant.create_session()
    for _ in range(25):
        await merchant.pay(outcome="failure")

    assert (await merchant.control("orders/ORDER1/pay")).status_code == 409
    assert len((await merchant.known())["attempts"]) == 25


async def test_the_simulator_shows_all_it_knows(merchant: Merchant) -> None:
    session = await merchant.create_session()
    await merchant.status()
    await merchant.pay(method="CARD", outcome="failure")

    known = await merchant.known()
    assert known["payment_link"] == session["payment_links"]["web"]
    assert (known["session_calls"], known["status_reads"], known["expired"]) == (1, 1, False)
    assert known["attempts"] == [
        {
            "number": 1,
            "txn_id": "SIMMERCHANT-ORDER1-1",
            "method": "CARD",
            "status": "AUTHORIZATION_FAILED",
            "status_id": 27,
            "started_at": "2026-07-31T10:15:00Z",
            "ended_at": "2026-07-31T10:15:00Z",
        }
    ]
    assert [one["deliveries"][0]["status_code"] for one in known["webhooks"]] == [200, 200, 200]
    assert known["order"] == await merchant.status()
    listed = (await merchant.http.get("/_control/orders")).json()["orders"]
    assert [one["order_id"] for one in listed] == ["ORDER1"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("orders/NOBODY/pay", {}, 404),
        ("orders/ORDER1/pay", {"method": "CASH"}, 400),
        ("orders/ORDER1/pay", {"outcome": "maybe"}, 400),
        ("orders/ORDER1/pay", {"unknown": 1}, 400),
        ("orders/ORDER1/pay", {"method": "CARD", "vpa": "asha@upi"}, 400),
        ("orders/ORDER1/pay", {"vpa": "asha"}, 400),
        ("orders/ORDER1/settle", {"outcome": "pending"}, 400),
        ("webhooks/ORDER1/resend", {}, 400),
        ("webhooks/ORDER1/resend", {"copies": 0}, 400),
        ("next", {"operation": "capture", "fault": "http_500"}, 400),
        ("next", {"operation": "status", "fault": "http_500", "times": 0}, 400),
    ],
)
async def test_a_mistaken_control_call_is_told(
    merchant: Merchant, path: str, body: dict[str, object], status: int
) -> None:
    """
    Never a crash, never a silent nothing.
    """
    await merchant.create_session()

    answer = await merchant.control(path, **body)

    assert answer.status_code == status
    assert answer.json()["error"]


async def test_a_body_that_is_no_json_is_told(merchant: Merchant) -> None:
    await merchant.create_session()

    answer = await merchant.http.post("/_control/orders/ORDER1/overlay", content=b"x")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("http_500", 500, "text/html"),
        ("html_403", 403, "text/html"),
        ("rate_limited", 429, "application/json"),
        ("unauthorised", 401, "application/json"),
    ],
)
@pytest.mark.parametrize("operation", ["session", "status"])
async def test_the_next_calls_fail_as_planned(
    merchant: Merchant, operation: str, fault: str, status: int, kind: str
) -> None:
    """
    So many calls of that operation, then all is well again; nothing was done meanwhile.
    """
    await merchant.create_session()
    await merchant.control("next", operation=operation, fault=fault, times=2)

    call = merchant.ask_session if operation == "session" else merchant.ask_status
    answers = [await call() for _ in range(3)]

    assert [status, status, 200] == [answer.status_code for answer in answers]
    assert answers[0].headers["content-type"].startswith(kind)
    known = await merchant.known()
    assert (known["session_calls"], known["status_reads"]) == (
        (2, 0) if operation == "session" else (1, 1)
    )


async def test_a_rate_limited_call_says_when_to_come_back(merchant: Merchant) -> None:
    await merchant.control("next", operation="status", fault="rate_limited")

    assert (await merchant.ask_status()).headers["retry-after"] == "1"


async def test_planned_faults_can_be_forgotten(merchant: Merchant) -> None:
    await merchant.create_session()
    await merchant.control("next", operation="status", fault="http_500", times=9)

    await merchant.http.delete("/_control/next")

    assert (await merchant.ask_status()).status_code == 200


@pytest.mark.parametrize(("fault", "created"), [("timeout_before", 404), ("timeout_after", 200)])
async def test_a_time_out_may_come_before_or_after_the_work(
    merchant: Merchant, fault: str, created: int
) -> None:
    """
    To the caller both look the same; the order knows the difference.
    """
    await merchant.control("next", operation="session", fault=fault, hold_seconds=0)

    answer = await merchant.ask_session()

    assert answer.status_code == 504
    assert (await merchant.ask_status()).status_code == created


async def test_a_late_answer_comes_whole_when_it_is_let_go(merchant: Merchant) -> None:
    """
    The order can be seen, and paid, before its session is answered.
    """
    await merchant.control("next", operation="session", fault="late", hold_seconds=120)
    creating = asyncio.create_task(merchant.ask_session())
    while (await merchant.ask_status()).status_code != 200:
        assert not creating.done()
        await asyncio.sleep(0)

    await merchant.http.delete("/_control/next")

    answer = await asyncio.wait_for(creating, timeout=5)
    assert (answer.status_code, "payment_links" in answer.json()) == (200, True)


@pytest.mark.parametrize(("fault", "status"), [("timeout_before", 504), ("late", 200)])
async def test_a_held_call_is_let_go_at_the_end(fault: str, status: int) -> None:
    """
    Ending the simulator does not wait for the two minutes a call may be held.
    """
    faults = FaultPlan(FaultSchedule(FaultRates()))
    faults.plan(OrderOperation.STATUS, OperationFault(fault), times=1, hold_seconds=120)
    held = asyncio.create_task(
        faults.answer(OrderOperation.STATUS, "ORDER1", lambda: json_answer({}))
    )
    await asyncio.sleep(0)
    assert not held.done()

    faults.close()

    assert (await asyncio.wait_for(held, timeout=5)).status_code == status
