"""JWT mode: questions are signed and sealed, no success is read that the bank did not sign (protocol page, 1.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import httpx

from adapters.hdfc.formats.formats import read_answer
from adapters.hdfc.formats.unreadable import Unreadable
from adapters.hdfc.outbound.jose import JweKeys, opened, sealed
from adapters.hdfc.outbound.request_auth import JSON, Letter, NotSealed, Question, in_json
from ports.payments.payment_gateway import GatewayOperation

PATHS: Final[Mapping[GatewayOperation, str]] = MappingProxyType(
    {
        GatewayOperation.CREATE_SESSION: "/v4/session",
        GatewayOperation.READ_ORDER: "/v4/order-status",
        GatewayOperation.REFUND: "/v4/orders/{order}/refunds",
    }
)


@dataclass(frozen=True, slots=True)
class JwtAuth:
    """Errors come in the clear: they can refuse, and only TLS vouches for them; a success has to be sealed."""

    keys: JweKeys

    def write(self, question: Question) -> Letter:
        # A status has nothing to ask but the order's, and no path to name it in.
        payload = in_json(question.fields or {"order_id": question.order})
        return Letter(
            method="POST",
            path=PATHS[question.operation].format(order=quote(question.order, safe="")),
            headers={"Content-Type": JSON},
            content=in_json(sealed(payload, self.keys)),
        )

    def open(self, status: int, body: Mapping[str, object]) -> Mapping[str, object]:
        if not httpx.codes.is_success(status):
            return body
        payload = opened(body, self.keys)
        try:
            return read_answer(JSON, payload)
        except Unreadable as error:
            raise NotSealed(f"sealed, and inside it is {error}") from error
