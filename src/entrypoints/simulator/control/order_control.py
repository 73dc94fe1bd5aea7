"""
The control API for orders, under ``/_control/``: tests act as the payer and the bank, and see every order.

- ``POST /_control/orders/{order_id}/pay`` ``{"method": "UPI"|"CARD"|"NB", "outcome": "success"|"failure"|
  "pending"|"abandon", "webhooks": true, "late": false, "auto_refund": null, "vpa": null,
  "then": null|"success"|"failure", "then_seconds": 5}`` acts as the payer. The answer comes after the first try of
  every webhook, made in order: ``{"return_url", "method", "action", "fields", "order_id", "status"}``, signed and
  not followed. ``abandon``: the payer leaves, ``return_url`` is null, nothing changed. ``auto_refund``: a success
  is refunded automatically (AUTO_REFUNDED); null: as configured, when the order has expired. ``then`` decides a
  ``pending`` attempt by itself some seconds later. 409 when the order is paid, expired (unless ``late``) or out of
  attempts.
- ``POST /_control/orders/{order_id}/decide`` (or ``settle``) ``{"outcome": "success"|"failure", "webhooks": true,
  "auto_refund": null}`` decides the pending attempt, also after expiry; answers as ``pay``.
- ``POST /_control/orders/{order_id}/overlay`` ``{"amount": 1, ...}`` replaces fields in every later status answer
  and webhook of the order; ``{}`` ends that.
- ``GET /_control/orders/{order_id}`` shows order, attempts, webhooks with each delivery, and call counts. The
  counts include calls whose answer was lost by a fault.
- ``GET /_control/orders`` lists the latest order ids with their status.
- ``POST /_control/webhooks/{order_id}/resend`` ``{"copies": 1, "event_name": null}`` sends recorded webhooks
  again, all copies at once, also those not sent because of ``"webhooks": false``; answers their counted status codes.

Refunds, disputes and faults have modules of their own (``refund_control``, ``dispute_control``,
``fault_control``). Nothing here asks for credentials: run the simulator on loopback only.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException
from litestar.params import FromPath, JSONBody

from entrypoints.simulator.orders.disputes import dispute_entry
from entrypoints.simulator.orders.instrument_outcomes import Outcome
from entrypoints.simulator.orders.instruments import (
    DEFAULT_INSTRUMENTS,
    BadInstrument,
    Instrument,
    Method,
    read_vpa,
)
from entrypoints.simulator.orders.order import STATUS_IDS, NotPayable, Order
from entrypoints.simulator.orders.refunds import refund_entry
from entrypoints.simulator.orders.response_bodies import GATEWAY, order_body, payment_link
from entrypoints.simulator.orders.webhook_records import WebhookEvent, WebhookRecord
from entrypoints.simulator.payer.payment_attempts import LaterOutcome
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import Count, JsonObject, Seconds, Strict, instant, json_answer

AnyRequest = Request[object, object, State]
LISTED_MAX: Final = 100


class Pay(Strict):
    method: Method = Method.UPI
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
    event_name: WebhookEvent | None = None


@post("/orders/{order_id:str}/pay", status_code=200)
async def pay(order_id: FromPath[str], data: JSONBody[Pay], bank: TheBank) -> Response[bytes]:
    order = bank.order(order_id)
    if data.then and data.outcome != "pending":
        raise ClientException("only a pending attempt is decided later")
    if data.outcome == "abandon":
        return json_answer(_where(order) | {"return_url": None})
    outcome = Outcome(data.outcome)
    then = LaterOutcome(Outcome(data.then), data.then_seconds) if data.then else None
    try:
        records = bank.payer.pay(
            order,
            _instrument(data),
            outcome,
            late=data.late,
            auto_refund=data.auto_refund,
            then=then,
        )
    except NotPayable as refusal:
        raise _conflict(refusal) from None
    return await _answer(bank, order, records, webhooks=data.webhooks)


@post(["/orders/{order_id:str}/decide", "/orders/{order_id:str}/settle"], status_code=200)
async def decide(
    order_id: FromPath[str], data: JSONBody[DecidePending], bank: TheBank
) -> Response[bytes]:
    order = bank.order(order_id)
    try:
        records = bank.payer.decide_pending(
            order, Outcome(data.outcome), auto_refund=data.auto_refund
        )
    except NotPayable as refusal:
        raise _conflict(refusal) from None
    return await _answer(bank, order, records, webhooks=data.webhooks)


@post("/orders/{order_id:str}/overlay", status_code=200)
async def overlay(request: AnyRequest, order_id: FromPath[str], bank: TheBank) -> Response[bytes]:
    order = bank.order(order_id)
    try:
        # Raw: an amount of 1.10 is answered with the digits that were sent.
        given = msgspec.json.decode(await request.body(), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ClientException("send a JSON object of fields") from None
    order.overlay = {name: value.copy() for name, value in given.items()}
    return json_answer(order_body(order, bank.config))


@get("/orders/{order_id:str}")
async def show(order_id: FromPath[str], bank: TheBank) -> Response[bytes]:
    return json_answer(_everything(bank, bank.order(order_id)))


@get("/orders")
async def list_orders(bank: TheBank) -> Response[bytes]:
    latest = list(bank.orders)[-LISTED_MAX:]
    return json_answer({"orders": [_where(order) for order in reversed(latest)]})


@post("/webhooks/{order_id:str}/resend", status_code=200)
async def resend(order_id: FromPath[str], data: JSONBody[Resend], bank: TheBank) -> Response[bytes]:
    order = bank.order(order_id)
    wanted = [one for one in order.records if data.event_name in {None, one.event}]
    if not wanted:
        raise ClientException("no such webhook was recorded for this order")
    before = {record.id: len(record.deliveries) for record in wanted}
    await bank.sender.resend(wanted, data.copies)
    fresh = [one for record in wanted for one in record.deliveries[before[record.id] :]]
    codes = Counter(str(one.status_code or one.error) for one in fresh)
    return json_answer({"sent": len(fresh), "status_codes": codes})


async def _answer(
    bank: SimulatedBank, order: Order, records: Sequence[WebhookRecord], *, webhooks: bool
) -> Response[bytes]:
    redirect = bank.return_redirect(order)
    answer: JsonObject = _where(order) | (redirect.as_json() if redirect else {"return_url": None})
    if webhooks:
        await bank.sender.deliver(order, records)
    return json_answer(answer)


def _instrument(data: Pay) -> Instrument:
    if data.vpa is None:
        return DEFAULT_INSTRUMENTS[data.method]
    if data.method is not Method.UPI:
        raise ClientException("a vpa pays by UPI only")
    try:
        return read_vpa(data.vpa)
    except BadInstrument as complaint:
        raise ClientException(str(complaint)) from None


def _conflict(refusal: NotPayable) -> HTTPException:
    return HTTPException(str(refusal), status_code=409)


def _where(order: Order) -> JsonObject:
    status = order.status
    return {
        "order_id": order.request.order_id,
        "id": order.id,
        "status": status,
        "status_id": STATUS_IDS[status],
    }


def _everything(bank: SimulatedBank, order: Order) -> JsonObject:
    return {
        **_where(order),
        "order": order_body(order, bank.config),
        "payment_link": payment_link(order, bank.config),
        "expires_at": instant(order.expires_at),
        "expired": order.has_expired(bank.config.clock()),
        "session_calls": order.session_calls,
        "status_reads": order.status_reads,
        "attempts": [
            {
                "number": attempt.number,
                "txn_id": attempt.txn_id,
                "method": attempt.instrument.method,
                "status": attempt.status,
                "status_id": STATUS_IDS[attempt.status],
                "started_at": instant(attempt.started_at),
                "ended_at": instant(attempt.ended_at) if attempt.ended_at else None,
            }
            for attempt in order.attempts
        ],
        "refunds": [refund_entry(refund, GATEWAY) for refund in order.refunds],
        "disputes": [dispute_entry(dispute) for dispute in order.disputes],
        "webhooks": [_shown_record(record) for record in order.records],
    }


def _shown_record(record: WebhookRecord) -> JsonObject:
    return {
        "id": record.id,
        "event_name": record.event,
        "url": record.url,
        "acknowledged": record.acknowledged,
        "deliveries": [
            {"at": instant(one.at), "status_code": one.status_code, "error": one.error}
            for one in record.deliveries
        ],
    }


ORDER_CONTROL: Final = (pay, decide, overlay, show, list_orders, resend)
