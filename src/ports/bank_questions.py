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
        Return live payments whose session ended at or before *at*, least recently asked first.

        A payment asked about after *not_since* is left out; those returned count as asked at *at*.
        """
        ...
