"""Expectations are settled and reopened in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile
from domain.money import ZERO
from fakes.store import Change, Store
from ports.reconciliation.expectation_writes import ExpectationMove


@dataclass(frozen=True, slots=True)
class MemoryExpectationWrites:
    changes: list[Change]

    def move(self, moves: Iterable[ExpectationMove]) -> None:
        told = tuple(moves)

        def change(store: Store) -> None:
            for each in told:
                row = store.expectations.get((each.payment, each.refund))
                if row is None or row.settled_by != each.was or row.expected.amount != each.amount:
                    raise ChangedMeanwhile("an expectation")
                store.expectations[each.payment, each.refund] = replace(
                    row, settled_by=each.by, settled=each.amount if each.by else ZERO
                )

        self.changes.append(change)
