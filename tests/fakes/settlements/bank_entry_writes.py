"""What a run says of the entries of a statement, in memory."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import ChangedMeanwhile
from domain.reconciliation.payout import AccountCredit, CreditOutcome, CreditPart
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryBankEntryWrites:
    changes: list[Change]

    def mark(self, key: str, outcome: CreditOutcome) -> None:
        self._change(key, outcome, closed_at=None)

    def close(self, key: str, outcome: CreditOutcome, at: datetime) -> None:
        self._change(key, outcome, closed_at=at)

    def close_part(self, part: CreditPart, at: datetime) -> None:
        self._change_part(part, closed_at=at)

    def reopen_part(self, part: CreditPart) -> None:
        self._change_part(part, closed_at=None)

    def _change_part(self, part: CreditPart, *, closed_at: datetime | None) -> None:
        def change(store: Store) -> None:
            for key, row in store.bank_entries.items():
                credit = AccountCredit.of(row.account, row.entry)
                named = (credit.entry, credit.amount_paise) == (part.entry, part.amount_paise)
                outcome = CreditOutcome.DIFFERS
                fits = row.closed_at is None if closed_at else row.outcome is outcome
                if named and fits and row.closed_at != closed_at:
                    store.bank_entries[key] = replace(row, outcome=outcome, closed_at=closed_at)
                    return
            raise ChangedMeanwhile("an entry of a statement")

        self.changes.append(change)

    def _change(self, key: str, outcome: CreditOutcome, *, closed_at: datetime | None) -> None:
        def change(store: Store) -> None:
            row = store.bank_entries.get(key)
            if row is None or row.closed_at is not None:
                raise ChangedMeanwhile("an entry of a statement")
            store.bank_entries[key] = replace(row, outcome=outcome, closed_at=closed_at)

        self.changes.append(change)
