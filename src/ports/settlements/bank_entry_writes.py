"""The unit's part by which a run says what the entries of a statement are."""

from datetime import datetime
from typing import Protocol

from domain.reconciliation.payout import CreditOutcome


class BankEntryWrites(Protocol):
    """Each write is refused when the entry was closed meanwhile."""

    def mark(self, key: str, outcome: CreditOutcome) -> None:
        """Collect what an open entry is for now; it is compared again by the next run."""
        ...

    def close(self, key: str, outcome: CreditOutcome, at: datetime) -> None:
        """Collect what an open entry is for good."""
        ...

    def reopen(self, key: str) -> None:
        """Collect that a closed entry is compared again, because what it was matched with was undone."""
        ...
