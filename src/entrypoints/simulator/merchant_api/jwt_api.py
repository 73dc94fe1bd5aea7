"""The merchant's side of the wire in JWT mode: the same three calls under ``/v4``, signed and sealed both ways."""

from collections.abc import Callable, Mapping
from typing import Final

from litestar import Request, post
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.params import FromPath

from entrypoints.simulator.faults.fault_plan import Answer
from entrypoints.simulator.faults.faults import Operation
from entrypoints.simulator.jwe import JweKeys, decrypt_request, encrypt_answer
from entrypoints.simulator.merchant_api import order_calls
from entrypoints.simulator.merchant_api.authentication import check_merchant
from entrypoints.simulator.orders.refund_request import json_fields
from entrypoints.simulator.refusals import missing_fields, unauthorised, unsupported_media
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import JsonObject, json_answer, json_bytes

AnyRequest = Request[object, object, State]


@post("/v4/session", status_code=200, media_type=MediaType.JSON)
async def open_session(request: AnyRequest, bank: TheBank) -> Answer:
    asked, keys = await _opened(request, bank)

    def work() -> JsonObject:
        return order_calls.open_order(bank, asked)

    order_id = order_calls.named_order(asked)
    return await _answer(bank, keys, Operation.SESSION, order_id, work)


@post("/v4/order-status", status_code=200, media_type=MediaType.JSON)
async def read_status(request: AnyRequest, bank: TheBank) -> Answer:
    asked, keys = await _opened(request, bank)
    order_id = order_calls.named_order(asked)

    def work() -> JsonObject:
        if not order_id:
            raise missing_fields(["order_id"])
        return order_calls.tell_status(bank, order_id)

    return await _answer(bank, keys, Operation.STATUS, order_id, work)


@post("/v4/orders/{order_id:str}/refunds", status_code=200, media_type=MediaType.JSON)
async def refund_order(request: AnyRequest, order_id: FromPath[str], bank: TheBank) -> Answer:
    asked, keys = await _opened(request, bank)

    def work() -> JsonObject:
        return order_calls.refund_order(bank, order_id, json_fields(asked))

    return await _answer(bank, keys, Operation.REFUND, order_id, work)


async def _opened(request: AnyRequest, bank: SimulatedBank) -> tuple[bytes, JweKeys]:
    """Return what the merchant asked in the clear, and the keys to answer with; or raise ``Refused``."""
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
    operation: Operation,
    order_id: str,
    work: Callable[[], JsonObject],
) -> Answer:
    """Seal what *work* answers; a refusal stays in the clear."""

    def sealed() -> Answer:
        return json_answer(encrypt_answer(json_bytes(work()), keys))

    return await bank.faults.answer(operation, order_id, sealed)


JWT_API: Final = (open_session, read_status, refund_order)
