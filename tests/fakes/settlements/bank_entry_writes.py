"""What a run says of the entries of a statement, in memory."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import ChangedMeanwhile
from domain.reconciliation.payout import CreditOutcome
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryBankEntryWrites:
    changes: list[Change]

    def mark(self, key: str, outcome: CreditOutcome) -> None:
        self._change(key, outcome, closed_at=None, is_open=True)

    def close(self, key: str, outcome: CreditOutcome, at: datetime) -> None:
        self._change(key, outcome, closed_at=at, is_open=True)

    def reopen(self, key: str) -> None:
        self._change(key, None, closed_at=None, is_open=False)

    def _change(
        self,
        key: str,
        outcome: CreditOutcome | None,
        *,
        closed_at: datetime | None,
        is_open: bool,
    ) -> None:
        def change(store: Store) -> None:
            row = store.bank_entries.get(key)
            if row is None or (row.closed_at is None) is not is_open:
                raise ChangedMeanwhile("an entry of a statement")
            store.bank_entries[key] = replace(
                row, outcome=outcome or row.outcome, closed_at=closed_at
            )

        self.changes.append(change)
