"""
The control API for refunds: tests act as the bank, and as staff at its dashboard.

- ``POST /_control/refunds/next`` ``{"outcome": "success"|"failure"|"manual_review"|"pending", "seconds": 1,
  "arn_seconds": 1, "error_code": "05", "error_message": "...", "times": 1, "order_id": null}`` plans the next
  refunds, of one order or of any. ``pending`` waits for ``decide``; ``arn_seconds`` null: no ARN comes.
  ``DELETE /_control/refunds/next`` cancels the plan.
- ``POST /_control/orders/{order_id}/refunds`` ``{"amount": null, "unique_request_id": null, "initiated_by":
  "DASHBOARD", "outcome": null, "webhooks": true}`` refunds at the dashboard, all that is left without an amount;
  without an outcome it goes as planned, with one it goes that way in the usual time.
- ``POST /_control/orders/{order_id}/refunds/{unique_request_id}/decide`` ``{"outcome": "success"|"failure"|
  "manual_review", "webhooks": true}`` decides a refund that is pending or under review, at once.
- ``POST /_control/orders/{order_id}/refunds/{unique_request_id}/arn`` ``{"webhooks": true}`` gives a successful
  refund its ARN.

The last three answer ``{"order_id", "id", "status", "refund": {...}}`` after the first try of their webhooks; 409
when the step does not follow, 400 with the gateway's own words when a refund is refused.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from litestar import Response, delete, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody

from entrypoints.simulator.orders.order import Order
from entrypoints.simulator.orders.refund_request import read_refund_request
from entrypoints.simulator.orders.refunds import NotDecidable, Refund, refund_entry
from entrypoints.simulator.orders.response_bodies import GATEWAY
from entrypoints.simulator.orders.webhook_records import WebhookRecord
from entrypoints.simulator.refund_script import DECLINED, RefundOutcome, RefundScript
from entrypoints.simulator.refusals import ApiRefusal
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import Count, Seconds, Strict, json_answer


class NextRefunds(Strict):
    outcome: RefundOutcome = RefundOutcome.SUCCESS
    seconds: Seconds = 1.0
    arn_seconds: Seconds | None = 1.0
    error_code: str = DECLINED[0]
    error_message: str = DECLINED[1]
    times: Count = 1
    order_id: str | None = None


class DashboardRefund(Strict):
    amount: str | None = None
    unique_request_id: str | None = None
    initiated_by: str = "DASHBOARD"
    outcome: RefundOutcome | None = None
    webhooks: bool = True


class Decide(Strict):
    outcome: Literal["success", "failure", "manual_review"]
    webhooks: bool = True


class Arn(Strict):
    webhooks: bool = True


@post("/refunds/next", status_code=200)
async def plan_refunds(data: JSONBody[NextRefunds], bank: TheBank) -> Response[bytes]:
    script = RefundScript(
        outcome=data.outcome,
        seconds=data.seconds,
        arn_seconds=data.arn_seconds,
        error_code=data.error_code,
        error_message=data.error_message,
    )
    bank.refunds.script(script, data.times, data.order_id)
    return json_answer({"waiting": bank.refunds.waiting})


@delete("/refunds/next", status_code=200)
async def forget_refunds(bank: TheBank) -> Response[bytes]:
    bank.refunds.forget()
    return json_answer({"waiting": 0})


@post("/orders/{order_id:str}/refunds", status_code=200)
async def refund_at_dashboard(
    order_id: FromPath[str], data: JSONBody[DashboardRefund], bank: TheBank
) -> Response[bytes]:
    order = bank.order(order_id)
    fields = {
        "unique_request_id": data.unique_request_id or f"DB{secrets.token_hex(9)}",
        "amount": data.amount or "",
        "initiated_by": data.initiated_by,
    }
    usual = bank.config.refund_script
    script = replace(usual, outcome=data.outcome) if data.outcome else None
    try:
        refund, records = bank.refunds.ask(order, read_refund_request(fields), script)
    except ApiRefusal as refusal:
        raise ClientException(str(refusal)) from None
    return await _answer(bank, order, refund, records, webhooks=data.webhooks)


@post("/orders/{order_id:str}/refunds/{request_id:str}/decide", status_code=200)
async def decide_refund(
    order_id: FromPath[str],
    request_id: FromPath[str],
    data: JSONBody[Decide],
    bank: TheBank,
) -> Response[bytes]:
    order = bank.order(order_id)
    refund = _known(order, request_id)
    try:
        records = bank.refunds.decide(order, refund, RefundOutcome(data.outcome))
    except NotDecidable as refusal:
        raise HTTPException(str(refusal), status_code=409) from None
    return await _answer(bank, order, refund, records, webhooks=data.webhooks)


@post("/orders/{order_id:str}/refunds/{request_id:str}/arn", status_code=200)
async def give_arn(
    order_id: FromPath[str], request_id: FromPath[str], data: JSONBody[Arn], bank: TheBank
) -> Response[bytes]:
    order = bank.order(order_id)
    refund = _known(order, request_id)
    try:
        records = bank.refunds.capture_arn(order, refund)
    except NotDecidable as refusal:
        raise HTTPException(str(refusal), status_code=409) from None
    return await _answer(bank, order, refund, records, webhooks=data.webhooks)


async def _answer(
    bank: SimulatedBank,
    order: Order,
    refund: Refund,
    records: Sequence[WebhookRecord],
    *,
    webhooks: bool,
) -> Response[bytes]:
    answer = json_answer(
        {
            "order_id": order.request.order_id,
            "id": order.id,
            "status": order.status,
            "refund": refund_entry(refund, GATEWAY),
        }
    )
    if webhooks:
        await bank.sender.deliver(order, records)
    return answer


def _known(order: Order, request_id: str) -> Refund:
    if (refund := order.refund(request_id)) is None:
        raise NotFoundException("no such refund")
    return refund


REFUND_CONTROL: Final = (
    plan_refunds,
    forget_refunds,
    refund_at_dashboard,
    decide_refund,
    give_arn,
)
