"""How a request proves who sends it, and how an answer is verified: one strategy for each mode."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import quote, urlencode

import msgspec

from domain.identifiers import PaymentId
from ports.payments.payment_gateway import GatewayOperation

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayCall:
    """What is asked of the bank about *order*, before the mode of the account decides its form."""

    operation: GatewayOperation
    order: PaymentId
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRequest:
    """A call as an HTTP request; *path* starts at the gateway's base address."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


class NotAuthentic(ValueError):
    """An answer does not prove that it is the bank's; the message names what is wrong and quotes nothing."""


class Authentication(Protocol):
    def prepare(self, call: GatewayCall) -> GatewayRequest:
        """Return the request for *call* in this mode, with the proof of who sends it."""
        ...

    def verify(self, status: int, body: Mapping[str, object]) -> Mapping[str, object]:
        """Return the content of *body*, or raise ``NotAuthentic`` when it does not prove to be the bank's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyAuth:
    """
    The merchant's key as Basic credentials; an answer is trusted because of its TLS connection alone.

    *colon* says whether RFC 7617's colon follows the key: the bank's documents show both forms.
    """

    key: str = field(repr=False)
    colon: bool = True

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a gateway without keys cannot be trusted")

    def prepare(self, call: GatewayCall) -> GatewayRequest:
        method, path, media_type = _CALLS[call.operation]
        credentials = base64.b64encode(f"{self.key}{':' if self.colon else ''}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        content = None
        if media_type:
            headers["Content-Type"] = media_type
            content = _ENCODERS[media_type](call.fields)
        return GatewayRequest(
            method=method,
            path=path.format(order=quote(call.order, safe="")),
            headers=headers,
            content=content,
        )

    def verify(self, status: int, body: Mapping[str, object]) -> Mapping[str, object]:  # noqa: ARG002 - JWT mode needs the status
        return body


def in_json(fields: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(fields)


def _in_form(fields: Mapping[str, object]) -> bytes:
    return urlencode(fields).encode()


_CALLS: Final[Mapping[GatewayOperation, tuple[str, str, str]]] = MappingProxyType(
    {
        GatewayOperation.CREATE_SESSION: ("POST", "/session", JSON),
        GatewayOperation.READ_ORDER: ("GET", "/orders/{order}", ""),
        GatewayOperation.REFUND: ("POST", "/orders/{order}/refunds", FORM),
    }
)
_ENCODERS: Final = MappingProxyType({JSON: in_json, FORM: _in_form})
