"""Payments as the books have them, beside all that they were decided on; and where both differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId
from domain.rebuild.booked_payment import BookedPayment
from domain.rebuild.differences import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPage:
    """
    Some payments; *next* is the place of the last, None when there are no more.

    *unreadable* are payments whose row or documents are no payment any more.
    """

    items: Sequence[BookedPayment]
    unreadable: Sequence[PaymentId] = ()
    next: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDifference:
    """What was found about one payment, and stands since *found_at* (UTC)."""

    payment: PaymentId
    found_at: datetime
    differences: Sequence[Difference]


class BookedPayments(Protocol):
    """Each read is one statement, so that all it returns was so at one instant."""

    async def kept_since(self) -> datetime | None:
        """Return when the first basis was kept (UTC), None where there is none."""
        ...

    async def changed_since(self, since: datetime, *, after: int = 0, at_most: int) -> BookedPage:
        """
        Return payments that a use case changed at *since* (UTC) or later, behind the place *after*.

        Each is returned once, in the order of its last change. Raises ``StorageUnavailable``.
        """
        ...

    async def named(self, payments: Sequence[PaymentId]) -> BookedPage:
        """Return those of *payments* that are there, by their ids. Raises ``StorageUnavailable``."""
        ...


class DifferenceRegister(Protocol):
    async def known(self, *, after: str = "", at_most: int) -> Sequence[KnownDifference]:
        """Return what stands, by the payments' ids, behind *after*. Raises ``StorageUnavailable``."""
        ...

    async def record(
        self,
        found: Mapping[PaymentId, Sequence[Difference]],
        healed: Sequence[PaymentId],
        at: datetime,
    ) -> None:
        """
        Keep what was *found* instead of what was known of those payments, and forget the *healed* ones.

        What stands keeps the instant since when it does. Raises ``StorageUnavailable``.
        """
        ...
