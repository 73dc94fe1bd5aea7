"""The calls of the order API, the same in both modes: create a session, read a status, refund an order."""

from collections.abc import Mapping

import msgspec

from entrypoints.simulator.orders.order import Order
from entrypoints.simulator.orders.refund_request import read_refund_request
from entrypoints.simulator.orders.refunds import Refund, flat_refund
from entrypoints.simulator.orders.response_bodies import GATEWAY, order_body, session_body
from entrypoints.simulator.orders.session_request import SessionRequest, read_session_request
from entrypoints.simulator.refusals import bad_request, missing_fields, unknown_order
from entrypoints.simulator.simulated_bank import SimulatedBank
from entrypoints.simulator.wire import JsonObject

Fields = Mapping[str, str]


def create_session(bank: SimulatedBank, body: bytes) -> JsonObject:
    """Create the order that the JSON *body* describes, or return the known one; or raise ``ApiRefusal``."""
    wanted = read_session_request(body, bank.config)
    order = find_or_create(bank, wanted)
    order.session_calls += 1
    return session_body(order, bank.config, bank.config.clock())


def order_status(bank: SimulatedBank, order_id: str) -> JsonObject:
    order = known_order(bank, order_id)
    order.status_reads += 1
    return order_body(order, bank.config)


def refund_order(bank: SimulatedBank, order_id: str, fields: Fields) -> JsonObject:
    """Return the whole order, with the new entry among its refunds; or raise ``ApiRefusal``."""
    order = known_order(bank, order_id)
    _begin_refund(bank, order, fields)
    return order_body(order, bank.config)


def refund_by_either_id(bank: SimulatedBank, fields: Fields) -> JsonObject:
    """Return one flat refund for a request by ``txn_id``, the whole order for one by ``order_id``."""
    txn_id, order_id = fields.get("txn_id", ""), fields.get("order_id", "")
    if not txn_id:
        if not order_id:
            raise missing_fields(["order_id"])
        return refund_order(bank, order_id, fields)
    if (order := bank.orders.by_txn_id(txn_id)) is None:
        raise unknown_order()
    refund = _begin_refund(bank, order, fields)
    return flat_refund(refund, order_id=order.request.order_id, txn_id=txn_id, gateway=GATEWAY)


def named_order(body: bytes) -> str:
    """Return the order id in a JSON *body* that is not checked yet, or nothing."""
    try:
        return msgspec.json.decode(body, type=_Named).order_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def known_order(bank: SimulatedBank, order_id: str) -> Order:
    if (order := bank.orders.by_order_id(order_id)) is None:
        raise unknown_order()
    return order


def find_or_create(bank: SimulatedBank, wanted: SessionRequest) -> Order:
    """
    Return the order under this id when its amount is the same, or a new order.

    A second call for a paid order, or with another amount, is refused (SmartGateway's session API).
    """
    known = bank.orders.by_order_id(wanted.order_id)
    if known is None:
        now = bank.config.clock()
        order = Order(request=wanted, created_at=now, expires_at=now + wanted.lifetime)
        bank.orders.add(order)
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


class _Named(msgspec.Struct):
    order_id: str = ""


def _begin_refund(bank: SimulatedBank, order: Order, fields: Fields) -> Refund:
    refund, records = bank.refunds.ask(order, read_refund_request(fields))
    bank.sender.deliver_soon(order, records)
    return refund
