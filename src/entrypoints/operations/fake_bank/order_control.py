"""
The control API for orders and faults, with the paths and shapes of the simulator's.

What the fake gateway has no notion of is accepted and changes nothing (``late``: its orders never expire), or is
refused with a sentence that names the simulator. Nothing here asks for credentials.
"""

from collections.abc import Sequence
from typing import Final, Literal

from litestar import Response, delete, get, post
from litestar.exceptions import ClientException, HTTPException
from litestar.params import FromPath, JSONBody

from adapters.fake.orders import FakeOrder
from adapters.fake.script import Fault, Outcome
from entrypoints.operations.fake_bank.refund_control import refund_entry
from entrypoints.operations.fake_bank.served_bank import SentEvent, ServedBank
from entrypoints.operations.fake_bank.wire import (
    Count,
    JsonObject,
    Seconds,
    Strict,
    TheBank,
    json_answer,
    order_of,
    rupees,
    where,
)
from ports.payments.payment_gateway import GatewayOperation

CONFLICT: Final = 409
LISTED_MAX: Final = 100
OPERATIONS: Final = {
    "session": GatewayOperation.CREATE_SESSION,
    "status": GatewayOperation.READ_ORDER,
    "refund": GatewayOperation.REFUND,
}
FAULTS: Final = {
    "http_500": Fault.DOWN,
    "html_403": Fault.DOWN,
    "rate_limited": Fault.BUSY,
    "unauthorised": Fault.DENIED,
    "timeout_before": Fault.LOST_REQUEST,
    "timeout_after": Fault.LOST_ANSWER,
}


class Pay(Strict):
    method: Literal["UPI", "CARD", "NB"] = "UPI"
    outcome: Literal["success", "failure", "pending", "abandon"] = "success"
    webhooks: bool = True
    late: bool = False
    auto_refund: bool | None = None
    vpa: str | None = None
    then: Literal["success", "failure"] | None = None
    then_seconds: Seconds = 5.0


class DecidePending(Strict):
    outcome: Literal["success", "failure"]
    webhooks: bool = True
    auto_refund: bool | None = None


class Resend(Strict):
    copies: Count = 1
    event_name: str | None = None


class Next(Strict):
    operation: Literal["session", "status", "refund"]
    fault: Literal[
        "http_500", "html_403", "rate_limited", "unauthorised", "timeout_before", "timeout_after"
    ]
    times: Count = 1
    hold_seconds: Seconds | None = None


@post("/orders/{order_id:str}/pay", status_code=200)
async def pay(order_id: FromPath[str], data: JSONBody[Pay], bank: TheBank) -> Response[bytes]:
    order = order_of(bank, order_id)
    if data.auto_refund:
        raise ClientException("the fake gateway gives nothing back by itself; run the simulator")
    if data.then and data.outcome != "pending":
        raise ClientException("only a pending attempt is decided later")
    if data.outcome == "abandon":
        return json_answer(where(order) | {"return_url": None})
    events = _paid(bank, order, Outcome(data.outcome))
    if data.then:
        bank.start(_decide_later(bank, order, Outcome(data.then), data.then_seconds))
    return await _answer(bank, order, events, webhooks=data.webhooks)


@post(["/orders/{order_id:str}/decide", "/orders/{order_id:str}/settle"], status_code=200)
async def decide(
    order_id: FromPath[str], data: JSONBody[DecidePending], bank: TheBank
) -> Response[bytes]:
    order = order_of(bank, order_id)
    if not bank.is_pending(order):
        raise HTTPException("no attempt is pending", status_code=CONFLICT)
    events = _paid(bank, order, Outcome(data.outcome))
    return await _answer(bank, order, events, webhooks=data.webhooks)


@get("/orders/{order_id:str}")
async def show(order_id: FromPath[str], bank: TheBank) -> Response[bytes]:
    order = order_of(bank, order_id)
    return json_answer(
        {
            **where(order),
            "order": {
                **where(order),
                "amount": rupees(order.asked.amount),
                "currency": order.facts.currency,
                "txn_id": order.facts.bank_txn_id or None,
            },
            "payment_link": f"{bank.gateway.page}{order.asked.payment}",
            "refunds": [refund_entry(each) for each in order.answer.refunds],
            "disputes": [],
            "webhooks": [
                {
                    "event_name": each.name,
                    "url": bank.webhook_url,
                    "acknowledged": any(code.startswith("2") for code in each.delivered),
                    "deliveries": [{"status_code": code} for code in each.delivered],
                }
                for each in bank.sent.get(order.asked.payment, ())
            ],
        }
    )


@get("/orders")
async def list_orders(bank: TheBank) -> Response[bytes]:
    latest = list(bank.gateway.orders.values())[-LISTED_MAX:]
    return json_answer({"orders": [where(order) for order in reversed(latest)]})


@post("/webhooks/{order_id:str}/resend", status_code=200)
async def resend(order_id: FromPath[str], data: JSONBody[Resend], bank: TheBank) -> Response[bytes]:
    known = bank.sent.get(order_of(bank, order_id).asked.payment, ())
    wanted = [each for each in known if data.event_name in {None, each.name}]
    if not wanted:
        raise ClientException("no such webhook was recorded for this order")
    codes = await bank.resend(wanted, data.copies)
    return json_answer({"sent": codes.total(), "status_codes": codes})


@post("/next", status_code=200)
async def plan_fault(data: JSONBody[Next], bank: TheBank) -> Response[bytes]:
    operation = OPERATIONS[data.operation]
    bank.gateway.fail_next(operation, FAULTS[data.fault], data.times)
    return json_answer({"waiting": bank.gateway.waiting(operation)})


@delete("/next", status_code=200)
async def forget_faults(bank: TheBank) -> Response[bytes]:
    for operation in GatewayOperation:
        bank.gateway.answers_again(operation)
    return json_answer({"waiting": 0})


def _paid(bank: ServedBank, order: FakeOrder, outcome: Outcome) -> Sequence[SentEvent]:
    try:
        return bank.pay(order.asked.payment, outcome)
    except ValueError as refusal:
        raise HTTPException(str(refusal), status_code=CONFLICT) from None


async def _decide_later(
    bank: ServedBank, order: FakeOrder, outcome: Outcome, seconds: float
) -> None:
    await bank.pause(seconds)
    if bank.is_pending(order):
        await bank.deliver(bank.pay(order.asked.payment, outcome))


async def _answer(
    bank: ServedBank, order: FakeOrder, events: Sequence[SentEvent], *, webhooks: bool
) -> Response[bytes]:
    payment = order.asked.payment
    returned: JsonObject = {
        "return_url": bank.return_url(payment),
        "method": "GET",
        "action": bank.callback_url,
        "fields": dict(bank.gateway.return_fields(payment)),
    }
    if webhooks:
        await bank.deliver(events)
    return json_answer(where(order) | returned)


ORDER_CONTROL: Final = (pay, decide, show, list_orders, resend, plan_fault, forget_faults)
