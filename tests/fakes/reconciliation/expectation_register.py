"""Expectations are settled and reopened in memory."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.money import ZERO
from domain.reconciliation.expectation import ExpectationMove, ExpectationStanding
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryExpectations:
    store: Store
    changes: list[Change]

    async def of(self, payment: PaymentId) -> ExpectationStanding | None:
        await asyncio.sleep(0)
        row = self.store.expectations.get((payment, ""))
        if row is None:
            return None
        return ExpectationStanding(
            payment=payment, amount=row.expected.amount, settled_by=row.settled_by
        )

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
