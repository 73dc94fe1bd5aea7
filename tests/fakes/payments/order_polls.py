"""Order polls in memory: one a payment, claimed under a lease when due, dealt with by its newest holder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identifiers import PaymentId, StudentId
from fakes.store import Change, OrderPollRow, Store
from fakes.work_queue import change_held, claim_due, delete_held
from ports.payments.order_polls import OrderPoll, PolledPayment


@dataclass(frozen=True, slots=True)
class MemoryOrderPolls:
    store: Store

    async def may_ask(
        self, payment: PaymentId, at: datetime, *, not_since: datetime
    ) -> PolledPayment | None:
        await asyncio.sleep(0)
        asked, known = self.store.asked_at.get(payment), self.store.payments.get(payment)
        if known is None or (asked is not None and asked > not_since):
            return None
        self.store.asked_at[payment] = at
        return PolledPayment(known.student.id, known.state)

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OrderPoll]:
        await asyncio.sleep(0)
        polls = self.store.order_polls
        return [
            OrderPoll(
                payment=payment,
                student=row.student,
                since=row.since,
                attempts=row.attempts,
                generation=row.generation,
            )
            for payment, row in claim_due(polls, {"open"}, at, lease=lease, at_most=at_most)
        ]


@dataclass(frozen=True, slots=True)
class MemoryOrderPollWrites:
    changes: list[Change]

    def enqueue(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        def change(store: Store) -> None:
            known = store.order_polls.get(payment)
            generation = known.generation + 1 if known else 0
            store.order_polls[payment] = OrderPollRow(
                student=student, since=since, due_at=due_at, generation=generation
            )

        self.changes.append(change)

    def cancel(self, payment: PaymentId) -> None:
        self.changes.append(lambda store: store.order_polls.pop(payment, None))

    def complete(self, entry: OrderPoll, at: datetime) -> None:  # noqa: ARG002 - no row is left to say when
        self.changes.append(delete_held(lambda store: store.order_polls, entry.payment, entry))

    def reschedule(self, entry: OrderPoll, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, "open", due_at, why)

    def bury(self, entry: OrderPoll, at: datetime, *, why: str) -> None:
        self._change(entry, "dead", at, why)

    def _change(self, entry: OrderPoll, state: str, due_at: datetime, why: str) -> None:
        values = {"state": state, "due_at": due_at, "why": why or None, "since": entry.since}
        self.changes.append(
            change_held(lambda store: store.order_polls, entry.payment, entry, **values)
        )
