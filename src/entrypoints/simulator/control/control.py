"""
The control API under ``/_control/``: tests act as the payer and the bank, and see all that the stand-in knows.

- ``POST /_control/orders/{order_id}/pay`` ``{"method": "UPI"|"CARD"|"NB", "outcome": "success"|"failure"|
  "pending"|"abandon", "webhooks": true, "late": false, "auto_refund": null, "vpa": null,
  "then": null|"success"|"failure", "then_seconds": 5}`` acts as the payer. The answer comes after the first try of
  every webhook, made in order: ``{"return_url", "method", "action", "fields", "order_id", "status"}``, signed and
  not followed. ``abandon``: the payer leaves, ``return_url`` is null, nothing changed. ``auto_refund``: a success
  goes straight back (AUTO_REFUNDED); null: if that was agreed and the order has expired. ``then`` decides a
  ``pending`` attempt by itself some seconds later. 409 when the order is paid, expired (unless ``late``) or out of
  attempts.
- ``POST /_control/orders/{order_id}/settle`` ``{"outcome": "success"|"failure", "webhooks": true,
  "auto_refund": null}`` decides the pending attempt, also after expiry; answers as ``pay``.
- ``POST /_control/orders/{order_id}/overlay`` ``{"amount": 1, ...}`` lays fields over every later status answer
  and webhook of the order; ``{}`` takes them away.
- ``GET /_control/orders/{order_id}`` shows order, attempts, webhooks with each delivery, and call counts. The
  counts hold calls that did their work, also when a fault swallowed the answer.
- ``GET /_control/orders`` lists the latest order ids with their status.
- ``POST /_control/webhooks/{order_id}/resend`` ``{"copies": 1, "event_name": null}`` sends recorded webhooks
  again, all copies at once, also those held back by ``"webhooks": false``; answers their counted status codes.

Refunds and faults have parts of their own (``refund_control``, ``fault_control``). Nothing here asks for
credentials: the stand-in belongs on loopback.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException
from litestar.params import FromPath, JSONBody

from entrypoints.simulator.control.fault_control import FAULT_CONTROL
from entrypoints.simulator.control.refund_control import REFUND_CONTROL
from entrypoints.simulator.orders.bodies import GATEWAY, order_body, payment_link
from entrypoints.simulator.orders.instruments import (
    DEFAULT_INSTRUMENTS,
    BadInstrument,
    Instrument,
    Method,
    Outcome,
    read_vpa,
)
from entrypoints.simulator.orders.notices import Event, Notice
from entrypoints.simulator.orders.orders import STATUS_IDS, NotPayable, Order
from entrypoints.simulator.orders.refunds import refund_entry
from entrypoints.simulator.payer.payer import Later
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


class Settle(Strict):
    outcome: Literal["success", "failure"]
    webhooks: bool = True
    auto_refund: bool | None = None


class Resend(Strict):
    copies: Count = 1
    event_name: Event | None = None


@post("/orders/{order_id:str}/pay", status_code=200)
async def pay(order_id: FromPath[str], data: JSONBody[Pay], bank: TheBank) -> Response[bytes]:
    order = bank.order(order_id)
    if data.then and data.outcome != "pending":
        raise ClientException("only a pending attempt is decided later")
    if data.outcome == "abandon":
        return json_answer(_where(order) | {"return_url": None})
    outcome = Outcome(data.outcome)
    then = Later(Outcome(data.then), data.then_seconds) if data.then else None
    try:
        notices = bank.payer.pay(
            order,
            _instrument(data),
            outcome,
            late=data.late,
            auto_refund=data.auto_refund,
            then=then,
        )
    except NotPayable as refusal:
        raise _conflict(refusal) from None
    return await _told(bank, order, notices, webhooks=data.webhooks)


@post("/orders/{order_id:str}/settle", status_code=200)
async def settle(order_id: FromPath[str], data: JSONBody[Settle], bank: TheBank) -> Response[bytes]:
    order = bank.order(order_id)
    try:
        notices = bank.payer.settle(order, Outcome(data.outcome), auto_refund=data.auto_refund)
    except NotPayable as refusal:
        raise _conflict(refusal) from None
    return await _told(bank, order, notices, webhooks=data.webhooks)


@post("/orders/{order_id:str}/overlay", status_code=200)
async def overlay(request: AnyRequest, order_id: FromPath[str], bank: TheBank) -> Response[bytes]:
    order = bank.order(order_id)
    try:
        # Raw: an amount of 1.10 is answered with the very digits that were asked for.
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
    wanted = [one for one in order.notices if data.event_name in {None, one.event}]
    if not wanted:
        raise ClientException("no such webhook was recorded for this order")
    before = {notice.id: len(notice.deliveries) for notice in wanted}
    await bank.sender.resend(wanted, data.copies)
    fresh = [one for notice in wanted for one in notice.deliveries[before[notice.id] :]]
    codes = Counter(str(one.status_code or one.error) for one in fresh)
    return json_answer({"sent": len(fresh), "status_codes": codes})


async def _told(
    bank: SimulatedBank, order: Order, notices: Sequence[Notice], *, webhooks: bool
) -> Response[bytes]:
    trip = bank.way_back(order)
    answer: JsonObject = _where(order) | (trip.as_json() if trip else {"return_url": None})
    if webhooks:
        await bank.sender.deliver(order, notices)
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
        "webhooks": [_shown_notice(notice) for notice in order.notices],
    }


def _shown_notice(notice: Notice) -> JsonObject:
    return {
        "id": notice.id,
        "event_name": notice.event,
        "url": notice.url,
        "acknowledged": notice.acknowledged,
        "deliveries": [
            {"at": instant(one.at), "status_code": one.status_code, "error": one.error}
            for one in notice.deliveries
        ],
    }


CONTROL: Final = Router(
    "/_control",
    route_handlers=[
        pay,
        settle,
        overlay,
        show,
        list_orders,
        resend,
        *FAULT_CONTROL,
        *REFUND_CONTROL,
    ],
)
