"""Which orders the bank may be asked about now: one asker at a time, and none too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId, StudentId


@dataclass(frozen=True, slots=True)
class BankQuestion:
    payment: PaymentId
    student: StudentId


class BankQuestions(Protocol):
    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        """Return True to one caller at most while nobody was told so after *not_since*."""
        ...

    async def claim_overdue(
        self, at: datetime, *, not_since: datetime, at_most: int
    ) -> Sequence[BankQuestion]:
        """
        Return live payments whose session has lapsed by *at*, least recently asked first.

        A payment asked about after *not_since* is left out, and one that has been asked about for
        long is due ever more rarely: again after a quarter of that time. Those returned count as
        asked at *at*.
        """
        ...

    async def claim_unsold(
        self, at: datetime, *, not_since: datetime, closed_since: datetime, at_most: int
    ) -> Sequence[BankQuestion]:
        """
        Return failed and expired payments that had a page at the bank and closed after *closed_since*.

        The student may have tried again on that page, or the bank may have been late. Order, rarity
        and marking are as in ``claim_overdue``.
        """
        ...
