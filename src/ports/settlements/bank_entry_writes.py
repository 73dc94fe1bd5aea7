"""The unit's part by which a run says what the entries of a statement are."""

from datetime import datetime
from typing import Protocol

from domain.reconciliation.payout import CreditOutcome, CreditPart


class BankEntryWrites(Protocol):
    """Each write is refused when the entry was closed meanwhile."""

    def mark(self, key: str, outcome: CreditOutcome) -> None:
        """Collect what an open entry is for now; it is compared again by the next run."""
        ...

    def close(self, key: str, outcome: CreditOutcome, at: datetime) -> None:
        """Collect what an open entry is for good."""
        ...

    def close_part(self, part: CreditPart, at: datetime) -> None:
        """Collect that the open entry of *part* pays it, though it differs; refused when its amount is another."""
        ...

    def reopen_part(self, part: CreditPart) -> None:
        """
        Collect that the entry of *part*, closed though it differs, is compared again: that was undone.

        An entry that a run has matched is closed for good: its journal is posted under its own key, once.
        """
        ...
