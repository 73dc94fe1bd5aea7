"""The fake gateway as the API and the workers call it: one process serves it, so that all see one state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeVar

import httpx
import msgspec

from adapters.fake import signed_messages
from adapters.fake.gateway import KEY, PRODUCTION, NotInProduction
from adapters.fake.wire import CALLS_PATH, WrittenFailure
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder
from ports.payments.gateway_messages import GatewayEvent, ReturnClaim
from ports.payments.payment_gateway import (
    GatewayDown,
    GatewayOperation,
    GatewayOutcomeUnknown,
    NewOrder,
    RefundOrder,
)

CALL_SECONDS_MAX: Final = 10
Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFakeGateway:
    """
    Implements both gateway ports by calls to *client*, whose base address is that of ``shulk fake-gateway``.

    Raises ``NotInProduction`` as it is made for production.
    """

    client: httpx.AsyncClient = field(repr=False)
    environment: str

    def __post_init__(self) -> None:
        if self.environment == PRODUCTION:
            raise NotInProduction("the fake gateway takes no money: set SHULK_GATEWAY=smartgateway")

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        return await self._call(GatewayOperation.CREATE_SESSION, order, GatewayOrder)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        asked = {"payment": payment, "student": student}
        return await self._call(GatewayOperation.READ_ORDER, asked, OrderFacts)

    async def refund(self, order: RefundOrder) -> OrderFacts:
        return await self._call(GatewayOperation.REFUND, order, OrderFacts)

    def read_return(self, fields: Sequence[tuple[str, str]]) -> ReturnClaim:
        return signed_messages.read_return(fields, KEY)

    def check_sender(self, headers: Mapping[str, str]) -> None:
        signed_messages.check_sender(headers)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        return signed_messages.read_event(headers, body, KEY)

    async def _call(
        self, operation: GatewayOperation, asked: object, answers: type[Answered]
    ) -> Answered:
        try:
            answer = await self.client.post(
                f"{CALLS_PATH}/{operation.value}",
                content=msgspec.json.encode(asked),
                headers={"Content-Type": "application/json"},
            )
        except httpx.ConnectError:
            raise GatewayDown("the fake gateway is not served; run: shulk fake-gateway") from None
        except httpx.TransportError:
            _unanswered(operation)
        if answer.is_success:
            return msgspec.json.decode(answer.content, type=answers)
        raise _failure_in(answer.content)


def new_client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=CALL_SECONDS_MAX, trust_env=False)


def _unanswered(operation: GatewayOperation) -> NoReturn:
    """Raise what the port promises for a call without an answer: a read changes nothing."""
    if operation is GatewayOperation.READ_ORDER:
        raise GatewayDown("the fake gateway did not answer")
    raise GatewayOutcomeUnknown("the fake gateway did not answer")


def _failure_in(body: bytes) -> Exception:
    try:
        return msgspec.json.decode(body, type=WrittenFailure).read()
    except msgspec.DecodeError:
        return GatewayDown("something else answers at the address of the fake gateway")
