"""The refunds to be asked about, in memory: claimed under a lease, put back only by the newest holder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId, RefundId
from fakes.store import Change, Store, WatchRow
from ports.refunds.refund_polls import RefundPoll


@dataclass(frozen=True, slots=True)
class MemoryRefundPolls:
    store: Store

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[RefundPoll]:
        await asyncio.sleep(0)
        due = [
            (key, row)
            for key, row in self.store.refund_polls.items()
            if not row.parked
            and row.due_at <= at
            and (row.lease_until is None or row.lease_until <= at)
        ]
        due.sort(key=lambda found: found[1].due_at)
        claims = [self._claimed(*key, row, at + lease) for key, row in due[:at_most]]
        return sorted(claims, key=lambda claim: (claim.since, claim.payment, claim.refund))

    def _claimed(
        self, payment: PaymentId, refund: RefundId, row: WatchRow, until: datetime
    ) -> RefundPoll:
        held = replace(
            row, lease_until=until, generation=row.generation + 1, attempts=row.attempts + 1
        )
        self.store.refund_polls[payment, refund] = held
        return RefundPoll(
            payment=payment,
            refund=refund,
            student=self.store.payments[payment].student.id,
            attempts=held.attempts,
            generation=held.generation,
            since=held.since,
        )


@dataclass(frozen=True, slots=True)
class MemoryRefundPollWrites:
    changes: list[Change]

    def begin(
        self, payment: PaymentId, refund: RefundId, at: datetime, *, due_at: datetime
    ) -> None:
        def change(store: Store) -> None:
            row = WatchRow(since=at, due_at=due_at)
            store.refund_polls.setdefault((payment, refund), row)

        self.changes.append(change)

    def end(self, payment: PaymentId, refund: RefundId) -> None:
        def change(store: Store) -> None:
            store.refund_polls.pop((payment, refund), None)

        self.changes.append(change)

    def again(self, claim: RefundPoll, *, due_at: datetime) -> None:
        def change(store: Store) -> None:
            row = _held(store, claim)
            store.refund_polls[claim.payment, claim.refund] = replace(
                row, due_at=due_at, lease_until=None
            )

        self.changes.append(change)

    def park(self, claim: RefundPoll, at: datetime) -> None:
        def change(store: Store) -> None:
            row = _held(store, claim)
            store.refund_polls[claim.payment, claim.refund] = replace(
                row, parked=True, due_at=at, lease_until=None
            )

        self.changes.append(change)

    def close(self, claim: RefundPoll) -> None:
        def change(store: Store) -> None:
            _held(store, claim)
            del store.refund_polls[claim.payment, claim.refund]

        self.changes.append(change)


def _held(store: Store, claim: RefundPoll) -> WatchRow:
    row = store.refund_polls.get((claim.payment, claim.refund))
    if row is None or row.generation != claim.generation:
        raise ChangedMeanwhile("refund claim")
    return row
