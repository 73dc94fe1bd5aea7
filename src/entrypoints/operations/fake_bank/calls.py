"""The calls of our own processes, as ``adapters.fake.served`` makes them."""

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State

from adapters.fake.wire import CALLS_PATH, WrittenFailure
from domain.identifiers import PaymentId, StudentId
from entrypoints.operations.fake_bank.served_bank import ServedBank
from entrypoints.operations.fake_bank.wire import TheBank, json_answer
from ports.payments.payment_gateway import (
    GatewayFailure,
    GatewayOperation,
    NewOrder,
    RefundOrder,
)

FAILED: Final = 503
AnyRequest = Request[object, object, State]
Asked = TypeVar("Asked")


class OrderRead(msgspec.Struct, frozen=True):
    payment: PaymentId
    student: StudentId


@post(f"{CALLS_PATH}/{GatewayOperation.CREATE_SESSION.value}", status_code=200)
async def create_session(request: AnyRequest, bank: TheBank) -> Response[bytes]:
    return await _answered(request, NewOrder, bank.gateway.create_session)


@post(f"{CALLS_PATH}/{GatewayOperation.READ_ORDER.value}", status_code=200)
async def read_order(request: AnyRequest, bank: TheBank) -> Response[bytes]:
    async def read(asked: OrderRead) -> object:
        return await bank.gateway.read_order(asked.payment, asked.student)

    return await _answered(request, OrderRead, read)


@post(f"{CALLS_PATH}/{GatewayOperation.REFUND.value}", status_code=200)
async def refund(request: AnyRequest, bank: TheBank) -> Response[bytes]:
    return await _answered(request, RefundOrder, lambda asked: _refunded(bank, asked))


async def _refunded(bank: ServedBank, asked: RefundOrder) -> object:
    return await bank.refund(asked)


async def _answered(
    request: AnyRequest,
    kind: type[Asked],
    call: Callable[[Asked], Coroutine[Any, Any, object]],
) -> Response[bytes]:
    try:
        asked = msgspec.json.decode(await request.body(), type=kind)
        return json_answer(await call(asked))
    except GatewayFailure as failure:
        return json_answer(WrittenFailure.of(failure), FAILED)


CALLS: Final = (create_session, read_order, refund)
