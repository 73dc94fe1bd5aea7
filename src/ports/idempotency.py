"""Idempotency keys: requests that carry the same key never begin two payments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId, StudentId


class IdempotencyKeyReused(DomainError):
    """The idempotency key came with another body before."""

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for a different request")


class IdempotencyKeyMissing(DomainError):
    """The request moves money and would move it again when it is repeated: nothing in it shows a repeat."""

    def __init__(self) -> None:
        super().__init__(
            "send an idempotency key, or the amount that you see as left to refund; without both, "
            "a request that is repeated after a lost answer would refund twice"
        )


class IdempotencyKeyInUse(DomainError):
    """The first request with this idempotency key is still being worked on."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__("the first request with this idempotency key is still running")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A client's key for one request; it counts for this student and this route alone."""

    student: StudentId
    route: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRecord:
    """
    What became of the request that first used *key*; *body_sha256* is the hex digest of its body.

    Once *completed*, *payment* is the answer, and the facts that the answer shows never change. Until
    then a request holds the claim before the instant *locked_until* (UTC); after it the claim is free,
    because that request was refused by the gateway or died.
    """

    key: IdempotencyKey
    body_sha256: str
    payment: PaymentId
    completed: bool
    locked_until: datetime


class IdempotencyRecords(Protocol):
    """What is kept of idempotency keys, outside a unit of work."""

    async def forget(self, before: datetime, *, at_most: int) -> int:
        """
        Delete up to *at_most* records whose last claim was until an instant before *before*; return how many.

        Those that ended first go first. A key that was forgotten is free: a request under it is a new one.
        """
        ...


class IdempotencyWrites(Protocol):
    """The part of a unit of work that writes idempotency records."""

    def claim(
        self,
        key: IdempotencyKey,
        *,
        body_sha256: str,
        payment: PaymentId,
        at: datetime,
        until: datetime,
        completed: bool = False,
    ) -> None:
        """
        Collect a claim on *key* for *payment* until the instant *until*, or its answer when *completed*.

        The unit ends in ``ChangedMeanwhile`` when the record is completed, is claimed by another
        request beyond *at*, or has another *body_sha256*.
        """
        ...

    def complete(self, key: IdempotencyKey, payment: PaymentId) -> None:
        """Collect that *payment* is the answer to *key* from now on; nothing when *key* is another's."""
        ...

    def release(self, key: IdempotencyKey, payment: PaymentId, at: datetime) -> None:
        """Collect that the claim on *key* ends at *at* without an answer; nothing when *key* is another's."""
        ...
