"""JWT mode: requests are signed and encrypted, and only a success signed by the bank is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import httpx

from adapters.hdfc.auth.jose import JweKeys, decrypt_and_verify, sign_and_encrypt
from adapters.hdfc.auth.request_auth import (
    JSON,
    GatewayCall,
    GatewayRequest,
    NotAuthentic,
    in_json,
)
from adapters.hdfc.formats.answer_body import read_answer
from adapters.hdfc.formats.body_limits import UnreadableBody
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
    """
    Signs and encrypts every request, and decrypts and verifies every success.

    Errors are neither signed nor encrypted: they can refuse a call, and are trusted because of TLS alone.
    """

    keys: JweKeys

    def prepare(self, call: GatewayCall) -> GatewayRequest:
        # A status call has no fields and no order in its path: the body names the order.
        payload = in_json(call.fields or {"order_id": call.order})
        return GatewayRequest(
            method="POST",
            path=PATHS[call.operation].format(order=quote(call.order, safe="")),
            headers={"Content-Type": JSON},
            content=in_json(sign_and_encrypt(payload, self.keys)),
        )

    def verify(self, status: int, body: Mapping[str, object]) -> Mapping[str, object]:
        if not httpx.codes.is_success(status):
            return body
        payload = decrypt_and_verify(body, self.keys)
        try:
            return read_answer(JSON, payload)
        except UnreadableBody as error:
            raise NotAuthentic(f"signed and encrypted, and its payload is {error}") from error
