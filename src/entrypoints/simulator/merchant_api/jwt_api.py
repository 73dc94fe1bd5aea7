"""The order API in JWT mode: the same three calls under ``/v4``, signed and encrypted both ways."""

from collections.abc import Callable, Mapping
from typing import Final

from litestar import Request, post
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.params import FromPath

from entrypoints.simulator.faults.call_faults import OrderOperation
from entrypoints.simulator.faults.fault_plan import ApiAnswer
from entrypoints.simulator.jwe import JweKeys, decrypt_request, encrypt_answer
from entrypoints.simulator.merchant_api import order_calls
from entrypoints.simulator.merchant_api.authentication import check_merchant
from entrypoints.simulator.orders.refund_request import json_fields
from entrypoints.simulator.refusals import missing_fields, unauthorised, unsupported_media
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import JsonObject, json_answer, json_bytes

AnyRequest = Request[object, object, State]


@post("/v4/session", status_code=200, media_type=MediaType.JSON)
async def create_session(request: AnyRequest, bank: TheBank) -> ApiAnswer:
    asked, keys = await _decrypted(request, bank)

    def work() -> JsonObject:
        return order_calls.create_session(bank, asked)

    order_id = order_calls.named_order(asked)
    return await _answer(bank, keys, OrderOperation.SESSION, order_id, work)


@post("/v4/order-status", status_code=200, media_type=MediaType.JSON)
async def read_status(request: AnyRequest, bank: TheBank) -> ApiAnswer:
    asked, keys = await _decrypted(request, bank)
    order_id = order_calls.named_order(asked)

    def work() -> JsonObject:
        if not order_id:
            raise missing_fields(["order_id"])
        return order_calls.order_status(bank, order_id)

    return await _answer(bank, keys, OrderOperation.STATUS, order_id, work)


@post("/v4/orders/{order_id:str}/refunds", status_code=200, media_type=MediaType.JSON)
async def refund_order(request: AnyRequest, order_id: FromPath[str], bank: TheBank) -> ApiAnswer:
    asked, keys = await _decrypted(request, bank)

    def work() -> JsonObject:
        return order_calls.refund_order(bank, order_id, json_fields(asked))

    return await _answer(bank, keys, OrderOperation.REFUND, order_id, work)


async def _decrypted(request: AnyRequest, bank: SimulatedBank) -> tuple[bytes, JweKeys]:
    """Return the decrypted request, and the keys for the answer; or raise ``ApiRefusal``."""
    headers: Mapping[str, str] = dict(request.headers.items())
    keys = bank.config.jwe_keys
    if keys is None:
        raise unauthorised("No JWT keys are set up for this merchant")
    check_merchant(headers, bank.config)
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise unsupported_media("application/json")
    return decrypt_request(await request.body(), keys), keys


async def _answer(
    bank: SimulatedBank,
    keys: JweKeys,
    operation: OrderOperation,
    order_id: str,
    work: Callable[[], JsonObject],
) -> ApiAnswer:
    """Sign and encrypt the answer of *work*; a refusal is neither signed nor encrypted."""

    def encrypted() -> ApiAnswer:
        return json_answer(encrypt_answer(json_bytes(work()), keys))

    return await bank.faults.answer(operation, order_id, encrypted)


JWT_API: Final = (create_session, read_status, refund_order)
