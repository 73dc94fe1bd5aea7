"""Disputes at the simulator: opened, moved and decided by the payer's bank, and told by webhooks."""

from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest

from adapters.hdfc.formats.answer_body import read_answer
from adapters.hdfc.outbound.dispute_facts import disputes_of
from adapters.hdfc.outbound.wire import OrderAnswer
from domain.money import Money
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from entrypoints.simulator.orders.disputes import DISPUTES_MAX
from simulator.in_process import HandClock
from simulator.merchant import Merchant, WebhookReceiver


async def dispute(merchant: Merchant, **how: object) -> dict[str, Any]:
    answer = await merchant.control("orders/ORDER1/dispute", **how)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=dict[str, Any])["dispute"]  # type: ignore[no-any-return]  # a JSON object


async def decide(merchant: Merchant, name: str, outcome: str) -> httpx.Response:
    return await merchant.control(f"orders/ORDER1/dispute/{name}/decide", outcome=outcome)


@pytest.fixture
async def paid(merchant: Merchant) -> Merchant:
    """A merchant whose ORDER1 of 1499.50 is charged."""
    await merchant.create_session()
    await merchant.pay(webhooks=False)
    return merchant


async def test_a_dispute_is_told_and_listed(paid: Merchant, receiver: WebhookReceiver) -> None:
    """
    By an event that names the order, and in the order's status, which stays charged.
    """
    told = await dispute(
        paid, amount="500.00", stage="PRE_ARBITRATION", deadline="2026-08-05T00:00:00Z"
    )

    assert told == {
        "id": told["id"],
        "object": "chargeback",
        "amount": 500,
        "dispute_status": "RECEIVED",
        "stage": "PRE_ARBITRATION",
        "reason": "10.4 Other fraud, card absent",
        "date_created": "2026-07-31T10:15:00Z",
        "due_date": "2026-08-05T00:00:00Z",
    }
    (event,) = receiver.received
    assert event.event == "CHARGEBACK_RECEIVED"
    assert event.body["content"]["chargeback"] == told | {
        "order_id": "ORDER1",
        "txn_id": "SIMMERCHANT-ORDER1-1",
    }
    order = await paid.status()
    assert (order["status"], order["chargebacks"]) == ("CHARGED", [told])
    assert (await paid.known())["disputes"] == [told]


async def test_what_the_service_reads_of_it(paid: Merchant, clock: HandClock) -> None:
    """
    Its adapter, which shares no code with this one, comes to the same amount, state and instants.
    """
    await dispute(paid)

    body = (await paid.ask_status()).content
    answer = msgspec.convert(read_answer("application/json", body), OrderAnswer)
    (facts,) = disputes_of(answer.chargebacks)

    assert replace(facts, id="", respond_by=None) == DisputeFacts(
        id="",
        amount=Money(1499_50),
        state=DisputeState.RECEIVED,
        word="RECEIVED",
        reason="10.4 Other fraud, card absent",
        opened_at=clock.now,
    )


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        ("won", "RESOLVED_IN_MERCHANT_FAVOUR"),
        ("lost", "RESOLVED_IN_CUSTOMER_FAVOUR"),
        ("expired", "EXPIRED"),
        ("withdrawn", "CANCELED"),
    ],
)
async def test_it_goes_forward_to_one_end(
    paid: Merchant, receiver: WebhookReceiver, outcome: str, word: str
) -> None:
    """
    Each step is told; what is decided is final.
    """
    name = (await dispute(paid))["id"]

    steps = [
        (await decide(paid, name, each)).status_code
        for each in ("under_review", "evidence_required", outcome, "won")
    ]

    assert steps == [200, 409, 200, 409]
    assert receiver.events[1:] == ["CHARGEBACK_UNDER_REVIEW", f"CHARGEBACK_{word}"]
    (entry,) = (await paid.status())["chargebacks"]
    assert entry["dispute_status"] == word


async def test_it_is_known_by_its_own_id_too(paid: Merchant, receiver: WebhookReceiver) -> None:
    """
    As a chargeback, whichever order it is of.
    """
    opened = await paid.control("chargebacks", order_id="ORDER1", amount="1.00")
    name = opened.json()["dispute"]["id"]

    won = await paid.control(f"chargebacks/{name}/decide", outcome="won")
    strange = await paid.control("chargebacks/cb_other/decide", outcome="won")

    assert (won.status_code, strange.status_code) == (200, 404)
    assert receiver.events == ["CHARGEBACK_RECEIVED", "CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR"]


async def test_what_cannot_be_is_refused(merchant: Merchant) -> None:
    """
    A dispute of what was not charged, of more than that, or without an end to its list; a strange one.
    """
    await merchant.create_session()
    assert (await merchant.control("orders/ORDER1/dispute")).status_code == 409
    await merchant.pay(webhooks=False)

    for amount in ("0", "1499.51", "x"):
        assert (await merchant.control("orders/ORDER1/dispute", amount=amount)).status_code == 400
    naive = await merchant.control("orders/ORDER1/dispute", deadline="2026-08-05T00:00:00")
    assert naive.status_code == 400
    assert (await decide(merchant, "cb_other", "won")).status_code == 404
    for _ in range(DISPUTES_MAX):
        await dispute(merchant, webhooks=False)
    assert (await merchant.control("orders/ORDER1/dispute")).status_code == 409
