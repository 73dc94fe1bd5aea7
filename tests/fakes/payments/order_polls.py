"""Questions to the bank in memory: claimed under a lease when due, put off or ended by the newest holder only."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId, StudentId
from fakes.store import Change, QuestionRow, Store
from ports.payments.order_polls import OrderPoll


@dataclass(frozen=True, slots=True)
class MemoryOrderPolls:
    store: Store

    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        await asyncio.sleep(0)
        asked = self.store.asked_at.get(payment)
        if payment not in self.store.payments or (asked is not None and asked > not_since):
            return False
        self.store.asked_at[payment] = at
        return True

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OrderPoll]:
        await asyncio.sleep(0)
        due = sorted(
            (row.due_at, payment)
            for payment, row in self.store.order_polls.items()
            if row.state == "open"
            and row.due_at <= at
            and (row.lease_until is None or row.lease_until <= at)
        )
        return [self._claimed(payment, at + lease) for _, payment in due[:at_most]]

    def _claimed(self, payment: PaymentId, until: datetime) -> OrderPoll:
        row = self.store.order_polls[payment]
        held = replace(row, lease_until=until, generation=row.generation + 1)
        self.store.order_polls[payment] = held
        return OrderPoll(
            payment=payment, student=row.student, since=row.since, generation=held.generation
        )


@dataclass(frozen=True, slots=True)
class MemoryOrderPollWrites:
    changes: list[Change]

    def begin(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        def change(store: Store) -> None:
            known = store.order_polls.get(payment)
            generation = known.generation + 1 if known else 0
            store.order_polls[payment] = QuestionRow(
                student=student, since=since, due_at=due_at, generation=generation
            )

        self.changes.append(change)

    def drop(self, payment: PaymentId) -> None:
        self.changes.append(lambda store: store.order_polls.pop(payment, None))

    def put_off(self, question: OrderPoll, *, since: datetime, due_at: datetime) -> None:
        self._held(question, lambda row: replace(row, since=since, due_at=due_at, lease_until=None))

    def end(self, question: OrderPoll) -> None:
        self._held(question, lambda _: None)

    def park(self, question: OrderPoll, at: datetime) -> None:
        self._held(question, lambda row: replace(row, state="parked", due_at=at, lease_until=None))

    def _held(
        self, question: OrderPoll, become: Callable[[QuestionRow], QuestionRow | None]
    ) -> None:
        def change(store: Store) -> None:
            row = store.order_polls.get(question.payment)
            if row is None or row.generation != question.generation:
                raise ChangedMeanwhile("question")
            became = become(row)
            if became is None:
                del store.order_polls[question.payment]
            else:
                store.order_polls[question.payment] = became

        self.changes.append(change)
