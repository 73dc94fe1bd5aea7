"""The merchant's side of the wire: open a payment session, read an order's status, give money back."""

from typing import Final

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.params import FromPath

from entrypoints.simulator.authentication import check_credentials
from entrypoints.simulator.bodies import GATEWAY, order_body, session_body
from entrypoints.simulator.faults import Answer, Operation
from entrypoints.simulator.orders import Order
from entrypoints.simulator.refund_request import RefundRequest, read_fields, read_refund_request
from entrypoints.simulator.refunds import Refund, flat_refund
from entrypoints.simulator.refusals import (
    bad_request,
    missing_fields,
    unknown_order,
    unsupported_media,
)
from entrypoints.simulator.session_request import SessionRequest, read_session_request
from entrypoints.simulator.stand_in import StandIn, TheStandIn
from entrypoints.simulator.wire import json_answer

AnyRequest = Request[object, object, State]


@post("/session", status_code=200, media_type=MediaType.JSON)
async def open_session(request: AnyRequest, stand_in: TheStandIn) -> Answer:
    body = await request.body()
    headers = dict(request.headers.items())

    def work() -> Response[bytes]:
        check_credentials(headers, stand_in.config)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise unsupported_media("application/json")
        wanted = read_session_request(body, stand_in.config)
        order = find_or_open(stand_in, wanted)
        order.session_calls += 1
        return json_answer(session_body(order, stand_in.config, stand_in.config.clock()))

    return await stand_in.faults.answer(Operation.SESSION, work)


@get("/orders/{order_id:str}", media_type=MediaType.JSON)
async def read_status(request: AnyRequest, order_id: FromPath[str], stand_in: TheStandIn) -> Answer:
    return await _status(request, order_id, stand_in)


@post("/orders/{order_id:str}", status_code=200, media_type=MediaType.JSON)
async def read_status_by_empty_post(
    request: AnyRequest, order_id: FromPath[str], stand_in: TheStandIn
) -> Answer:
    """Older kits post an empty body; with fields in it the call would change the order."""
    if await request.body():
        raise bad_request("Changing an order is not offered", code="INVALID_ACTION")
    return await _status(request, order_id, stand_in)


async def _status(request: AnyRequest, order_id: str, stand_in: StandIn) -> Answer:
    headers = dict(request.headers.items())

    def work() -> Response[bytes]:
        check_credentials(headers, stand_in.config)
        order = known_order(stand_in, order_id)
        order.status_reads += 1
        return json_answer(order_body(order, stand_in.config))

    return await stand_in.faults.answer(Operation.STATUS, work)


@post("/orders/{order_id:str}/refunds", status_code=200, media_type=MediaType.JSON)
async def refund_order(
    request: AnyRequest, order_id: FromPath[str], stand_in: TheStandIn
) -> Answer:
    """The whole order comes back, with the new entry among its refunds."""
    body, headers = await request.body(), dict(request.headers.items())

    def work() -> Response[bytes]:
        check_credentials(headers, stand_in.config)
        wanted = read_refund_request(read_fields(body, headers.get("content-type", "")))
        order = known_order(stand_in, order_id)
        begin_refund(stand_in, order, wanted)
        return json_answer(order_body(order, stand_in.config))

    return await stand_in.faults.answer(Operation.REFUND, work)


@post("/refunds", status_code=200, media_type=MediaType.JSON)
async def refund_by_either_id(request: AnyRequest, stand_in: TheStandIn) -> Answer:
    """By ``txn_id`` one flat refund comes back, by ``order_id`` the whole order."""
    body, headers = await request.body(), dict(request.headers.items())

    def work() -> Response[bytes]:
        check_credentials(headers, stand_in.config)
        fields = read_fields(body, headers.get("content-type", ""))
        txn_id, order_id = fields.get("txn_id", ""), fields.get("order_id", "")
        if not txn_id and not order_id:
            raise missing_fields(["order_id"])
        wanted = read_refund_request(fields)
        found = stand_in.orders.by_txn_id(txn_id) if txn_id else None
        order = found or known_order(stand_in, order_id)
        refund = begin_refund(stand_in, order, wanted)
        if not txn_id:
            return json_answer(order_body(order, stand_in.config))
        return json_answer(
            flat_refund(refund, order_id=order.request.order_id, txn_id=txn_id, gateway=GATEWAY)
        )

    return await stand_in.faults.answer(Operation.REFUND, work)


def begin_refund(stand_in: StandIn, order: Order, wanted: RefundRequest) -> Refund:
    refund, notices = stand_in.refunds.ask(order, wanted)
    stand_in.sender.deliver_soon(order, notices)
    return refund


def known_order(stand_in: StandIn, order_id: str) -> Order:
    if (order := stand_in.orders.by_order_id(order_id)) is None:
        raise unknown_order()
    return order


def find_or_open(stand_in: StandIn, wanted: SessionRequest) -> Order:
    """
    Return the merchant's order: the one known under this id when nothing that matters differs, else a new one.

    A second call for a paid order, or with another amount, is refused (section 2.4).
    """
    known = stand_in.orders.by_order_id(wanted.order_id)
    if known is None:
        now = stand_in.config.clock()
        order = Order(request=wanted, created_at=now, expires_at=now + wanted.lifetime)
        stand_in.orders.add(order)
        return order
    if known.is_closed:
        raise bad_request("The order is already paid", code="ALREADY_EXISTS")
    if known.request.amount != wanted.amount:
        raise bad_request(
            "The order exists with another amount",
            code="DUPLICATE_REQUEST",
            fields=[("amount", "differs from the existing order")],
        )
    return known


ORDER_API: Final = (
    open_session,
    read_status,
    read_status_by_empty_post,
    refund_order,
    refund_by_either_id,
)
