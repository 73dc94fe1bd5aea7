"""Requests that came with a key of their own: the same key never opens two payments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId, StudentId


class IdempotencyKeyReused(DomainError):
    """The idempotency key came with another body before."""

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for a different request")


class IdempotencyKeyInUse(DomainError):
    """The first request with this idempotency key is still being worked on."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__("the first request with this idempotency key is still running")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A client's key, good for one student and one route."""

    student: StudentId
    route: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRecord:
    """
    What became of the request that first used *key*; *body_sha256* is the hex digest of its body.

    Until it is sealed, somebody is at work before *locked_until*, or died or was refused by the
    gateway after it. A sealed record's answer is read off its payment: those facts never change.
    """

    key: IdempotencyKey
    body_sha256: str
    payment: PaymentId
    sealed: bool
    locked_until: datetime


class IdempotencyWrites(Protocol):
    """The unit of work's side."""

    def lock(
        self,
        key: IdempotencyKey,
        *,
        body_sha256: str,
        payment: PaymentId,
        at: datetime,
        until: datetime,
        sealed: bool = False,
    ) -> None:
        """
        Collect the claim to work on *key* until *until*, or, when *sealed*, its answer at once.

        A record that is sealed, or locked by someone else beyond *at*, makes the unit end in
        ``ChangedMeanwhile``.
        """
        ...

    def seal(self, key: IdempotencyKey, payment: PaymentId) -> None:
        """Collect: from now on this payment is the answer to *key*."""
        ...

    def release(self, key: IdempotencyKey, payment: PaymentId, at: datetime) -> None:
        """Collect: nobody works on *key* any more, and there is no answer yet."""
        ...
