"""Refund polls in memory: claimed under a lease when due, dealt with by their newest holder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identifiers import PaymentId, RefundId
from fakes.store import Change, RefundPollRow, Store
from fakes.work_queue import change_held, claim_due, delete_held
from ports.refunds.refund_polls import RefundPoll


@dataclass(frozen=True, slots=True)
class MemoryRefundPolls:
    store: Store

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[RefundPoll]:
        await asyncio.sleep(0)
        polls = self.store.refund_polls
        return [
            RefundPoll(
                payment=payment,
                refund=refund,
                student=self.store.payments[payment].student.id,
                attempts=row.attempts,
                generation=row.generation,
                since=row.since,
            )
            for (payment, refund), row in claim_due(
                polls, {"open"}, at, lease=lease, at_most=at_most
            )
        ]


@dataclass(frozen=True, slots=True)
class MemoryRefundPollWrites:
    changes: list[Change]

    def enqueue(
        self, payment: PaymentId, refund: RefundId, *, since: datetime, due_at: datetime
    ) -> None:
        def change(store: Store) -> None:
            row = RefundPollRow(since=since, due_at=due_at)
            store.refund_polls.setdefault((payment, refund), row)

        self.changes.append(change)

    def cancel(self, payment: PaymentId, refund: RefundId) -> None:
        self.changes.append(lambda store: store.refund_polls.pop((payment, refund), None))

    def complete(self, entry: RefundPoll, at: datetime) -> None:  # noqa: ARG002 - no row is left to say when
        key = entry.payment, entry.refund
        self.changes.append(delete_held(lambda store: store.refund_polls, key, entry))

    def reschedule(self, entry: RefundPoll, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, "open", due_at, why)

    def bury(self, entry: RefundPoll, at: datetime, *, why: str) -> None:
        self._change(entry, "dead", at, why)

    def _change(self, entry: RefundPoll, state: str, due_at: datetime, why: str) -> None:
        key = entry.payment, entry.refund
        values = {"state": state, "due_at": due_at, "why": why or None}
        self.changes.append(change_held(lambda store: store.refund_polls, key, entry, **values))
