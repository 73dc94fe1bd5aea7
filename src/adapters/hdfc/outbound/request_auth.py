"""How we prove who asks, and how the answer is opened: a strategy for each mode (protocol page, 1.3 to 1.5)."""

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
class Question:
    """What we want of the bank about *order*, before a strategy gives it the form that its mode wants."""

    operation: GatewayOperation
    order: PaymentId
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A question as it travels; *path* starts at the gateway's base address."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


class NotSealed(ValueError):
    """An answer lacks the proof that it is the bank's; the message names what is missing, not what is there."""


class Authentication(Protocol):
    def write(self, question: Question) -> Letter:
        """Return *question* as the bank takes it in this mode, with the proof of who asks."""
        ...

    def open(self, status: int, body: Mapping[str, object]) -> Mapping[str, object]:
        """Return what *body* says in the clear, or raise ``NotSealed`` when the bank cannot have said it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyAuth:
    """
    The merchant's key as Basic credentials; an answer is as true as the TLS connection that it came through.

    *colon* is whether the key is sent with RFC 7617's colon: both spellings are in the bank's own material.
    """

    key: str = field(repr=False)
    colon: bool = True

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a gateway without keys cannot be trusted")

    def write(self, question: Question) -> Letter:
        method, path, kind = _CALLS[question.operation]
        credentials = base64.b64encode(f"{self.key}{':' if self.colon else ''}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        content = None
        if kind:
            headers["Content-Type"] = kind
            content = _ENCODERS[kind](question.fields)
        return Letter(
            method=method,
            path=path.format(order=quote(question.order, safe="")),
            headers=headers,
            content=content,
        )

    def open(self, status: int, body: Mapping[str, object]) -> Mapping[str, object]:  # noqa: ARG002 - another mode looks at it
        return body


def in_json(fields: Mapping[str, str]) -> bytes:
    return msgspec.json.encode(fields)


def _in_form(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


_CALLS: Final[Mapping[GatewayOperation, tuple[str, str, str]]] = MappingProxyType(
    {
        GatewayOperation.CREATE_SESSION: ("POST", "/session", JSON),
        GatewayOperation.READ_ORDER: ("GET", "/orders/{order}", ""),
        GatewayOperation.REFUND: ("POST", "/orders/{order}/refunds", FORM),
    }
)
_ENCODERS: Final = MappingProxyType({JSON: in_json, FORM: _in_form})
