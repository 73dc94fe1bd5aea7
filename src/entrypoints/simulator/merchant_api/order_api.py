"""The order API in API-key mode: create a session, read the status of an order, refund it."""

from collections.abc import Callable
from typing import Final

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.params import FromPath

from entrypoints.simulator.faults.call_faults import OrderOperation
from entrypoints.simulator.faults.fault_plan import ApiAnswer
from entrypoints.simulator.merchant_api import order_calls
from entrypoints.simulator.merchant_api.authentication import check_credentials
from entrypoints.simulator.orders.refund_request import read_fields
from entrypoints.simulator.refusals import bad_request, unsupported_media
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import JsonObject, json_answer

AnyRequest = Request[object, object, State]


@post("/session", status_code=200, media_type=MediaType.JSON)
async def create_session(request: AnyRequest, bank: TheBank) -> ApiAnswer:
    body, kind = await request.body(), _media_type(request)

    def work() -> JsonObject:
        if kind.partition(";")[0].strip().lower() != "application/json":
            raise unsupported_media("application/json")
        return order_calls.create_session(bank, body)

    return await _answer(request, bank, OrderOperation.SESSION, order_calls.named_order(body), work)


@get("/orders/{order_id:str}", media_type=MediaType.JSON)
async def read_status(request: AnyRequest, order_id: FromPath[str], bank: TheBank) -> ApiAnswer:
    return await _status(request, order_id, bank)


@post("/orders/{order_id:str}", status_code=200, media_type=MediaType.JSON)
async def read_status_by_empty_post(
    request: AnyRequest, order_id: FromPath[str], bank: TheBank
) -> ApiAnswer:
    """Older SDKs read the status by an empty POST; a body would change the order, which is not offered."""
    if await request.body():
        raise bad_request("Changing an order is not offered", code="INVALID_ACTION")
    return await _status(request, order_id, bank)


@post("/orders/{order_id:str}/refunds", status_code=200, media_type=MediaType.JSON)
async def refund_order(request: AnyRequest, order_id: FromPath[str], bank: TheBank) -> ApiAnswer:
    body, kind = await request.body(), _media_type(request)

    def work() -> JsonObject:
        return order_calls.refund_order(bank, order_id, read_fields(body, kind))

    return await _answer(request, bank, OrderOperation.REFUND, order_id, work)


@post("/refunds", status_code=200, media_type=MediaType.JSON)
async def refund_by_either_id(request: AnyRequest, bank: TheBank) -> ApiAnswer:
    body, kind = await request.body(), _media_type(request)

    def work() -> JsonObject:
        return order_calls.refund_by_either_id(bank, read_fields(body, kind))

    return await _answer(request, bank, OrderOperation.REFUND, "", work)


async def _status(request: AnyRequest, order_id: str, bank: SimulatedBank) -> ApiAnswer:
    def work() -> JsonObject:
        return order_calls.order_status(bank, order_id)

    return await _answer(request, bank, OrderOperation.STATUS, order_id, work)


async def _answer(
    request: AnyRequest,
    bank: SimulatedBank,
    operation: OrderOperation,
    order_id: str,
    work: Callable[[], JsonObject],
) -> ApiAnswer:
    headers = dict(request.headers.items())

    def checked() -> ApiAnswer:
        check_credentials(headers, bank.config)
        return json_answer(work())

    return await bank.faults.answer(operation, order_id, checked)


def _media_type(request: AnyRequest) -> str:
    return request.headers.get("content-type", "")


ORDER_API: Final = (
    create_session,
    read_status,
    read_status_by_empty_post,
    refund_order,
    refund_by_either_id,
)
