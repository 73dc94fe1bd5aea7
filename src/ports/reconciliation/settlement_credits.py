"""Which part of which bank credit pays which settlement, as runs and people have found."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from domain.reconciliation.payout import CreditPart


class SettlementCredits(Protocol):
    async def paid(self, settlements: Collection[str]) -> Mapping[str, int]:
        """Return what has left transit of each of *settlements* in paise: amounts with their rounding."""
        ...


class SettlementCreditWrites(Protocol):
    def add(self, parts: Iterable[CreditPart], at: datetime) -> None:
        """
        Collect *parts*: an entry pays a settlement once.

        The unit ends in ``ChangedMeanwhile`` when one of them is there already.
        """
        ...

    def remove(self, entry: str) -> None:
        """Collect that the parts of a bank entry count no more: what it was matched with was undone."""
        ...
