"""The bank's messages, callback and webhook: they are verified, and even then they prove nothing about money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId


class ForgedMessage(DomainError):
    """The message does not prove that it comes from the bank; *why* is for the security log only."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__("the message does not prove that it comes from the bank")


class MalformedMessage(DomainError):
    """The message cannot be read; *why* names the field."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the message cannot be read: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClaim:
    """What a callback claims about an order; it is never believed without reading the order."""

    payment: PaymentId
    status: str
    status_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent:
    """
    A webhook whose credentials were checked; it is never believed without reading the order.

    *order* is the order id as sent, which need not be ours. *body_sha256* is the hex digest of the
    raw body; the body itself is not kept, because it may hold card data. *only_sale* is True when the
    event can be about charging only: then the order of a payment that is sold need not be read.
    """

    id: str
    name: str
    order: str
    status: str
    status_id: int | None
    body_sha256: str
    only_sale: bool = False


class GatewayMessages(Protocol):
    def read_return(self, fields: Sequence[tuple[str, str]]) -> ReturnClaim:
        """
        Return what the signed *fields* of a callback claim.

        Names and values are decoded once, in their order, with repeats.
        Raises ``ForgedMessage`` when the signature is missing or wrong, ``MalformedMessage`` when a
        field is repeated, missing, or names an order that cannot be ours.
        """
        ...

    def check_sender(self, headers: Mapping[str, str]) -> None:
        """
        Return when a webhook with these *headers* may come from the bank, whatever its body.

        Raises ``ForgedMessage`` when no body could make up for them. It is asked before the body is read;
        the proof is ``read_event``.
        """
        ...

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """
        Return the event in the *body* of a webhook; *headers* have lower-case names.

        Raises ``ForgedMessage`` when the credentials are missing or wrong, before the body is parsed,
        and ``MalformedMessage`` when the body is not an event.
        """
        ...
