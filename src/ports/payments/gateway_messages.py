"""The bank's unasked messages, the student's return and the event: verified at the door, and hints at most."""

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
    """The message is the bank's, or claims to be, and cannot be read; *why* names the field."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the message cannot be read: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClaim:
    """A student came back from the bank's page; what the bank claims of the order is only a hint."""

    payment: PaymentId
    status: str
    status_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent:
    """
    News from the bank, credentials already checked; nothing of it is believed, only looked into.

    *order* is the order id as sent, which need not be ours. *body_sha256* is the hex digest of the
    raw body, all that is kept of it: the body itself may hold card data. *only_sale* is True when
    the event can tell nothing but how charging goes, so that a sale already made need not be read
    again for it.
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
        Return what the signed *fields* claim (names and values decoded once, in order, repeats kept).

        Raises ``ForgedMessage`` when the signature is missing or wrong, ``MalformedMessage`` when a
        field is repeated, missing, or names an order that cannot be ours.
        """
        ...

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """
        Return the event in *body*; *headers* have lower-case names.

        Raises ``ForgedMessage`` when the credentials are missing or wrong, before the body is looked
        at, and ``MalformedMessage`` when the body is not an event.
        """
        ...
