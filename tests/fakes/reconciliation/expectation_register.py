"""Expectations are settled and reopened in memory."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.money import ZERO
from domain.reconciliation.expectation import (
    ExpectationMove,
    ExpectationStanding,
    PlainMove,
)
from domain.settlements.settlement_line import Direction, LineState, LineType
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

    def settle_plainly(self, move: PlainMove) -> None:
        def change(store: Store) -> None:
            settled, gross = 0, ZERO
            for place, row in store.settlement_lines.items():
                told = row.told.line
                key = (told.payment_id or PaymentId(""), "")
                expected = store.expectations.get(key)
                if (
                    (row.file, row.settlement) in move.reports
                    and place not in move.apart_from
                    and row.state is LineState.LIVE
                    and (told.line_type, told.direction) == (LineType.PAYMENT, Direction.CR)
                    and expected is not None
                    and expected.settled_by is None
                    and expected.expected.amount == told.gross
                ):
                    store.expectations[key] = replace(
                        expected, settled_by=place, settled=told.gross
                    )
                    settled, gross = settled + 1, gross + told.gross
            if (settled, gross) != (move.lines, move.gross):
                raise ChangedMeanwhile("an expectation")

        self.changes.append(change)
