"""The business figures in memory: counted entry by entry, whenever they are read."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identifiers import PaymentId
from domain.money import ZERO, Money
from domain.monitoring.payment_figures import OutcomeCount, PaymentFigures, spans_between
from domain.monitoring.payment_outcome import PaymentOutcome, outcome_of
from domain.monitoring.time_histogram import step_of
from fakes.store import Store

SOLD = {PaymentOutcome.PAID, PaymentOutcome.RECOVERED, PaymentOutcome.FREE}


@dataclass(frozen=True, slots=True)
class MemoryPaymentRollups:
    store: Store

    async def count(self, *, at_most: int) -> int:
        await asyncio.sleep(0)
        taken = self._waiting()[:at_most]
        self.store.counted_steps = self.store.counted_steps | {*taken}
        return len(taken)

    async def count_earlier(self, *, at_most: int) -> int:
        await asyncio.sleep(0)
        after, until = self.store.earlier_steps
        reached = min(after + at_most, until)
        steps = {each for each in range(after, reached) if self._outcome(each)}
        self.store.counted_steps = self.store.counted_steps | steps
        self.store.earlier_steps = (reached, until)
        return reached - after

    async def figures(
        self, since: datetime, until: datetime, *, span: timedelta, at: datetime
    ) -> PaymentFigures:
        await asyncio.sleep(0)
        found: dict[tuple[datetime, PaymentOutcome, str, str], list[tuple[Money, int]]]
        found, times = defaultdict(list), Counter[int]()
        for number in sorted(self.store.counted_steps):
            entry, outcome = self.store.audit[number], self._outcome(number)
            assert outcome
            if not since <= entry.at < until:
                continue
            payment = self.store.payments[PaymentId(entry.subject)]
            seconds = max(0, (entry.at - payment.opened_at) // timedelta(seconds=1))
            capture = payment.capture if outcome in SOLD else None
            method = capture.instrument.method if capture else ""
            reason = "" if outcome in SOLD else entry.facts.get("failure", "")
            begins = since + (entry.at - since) // span * span
            found[begins, outcome, method, reason].append((payment.quote.payable, seconds))
            if outcome is PaymentOutcome.PAID:
                times[step_of(seconds)] += 1
        return PaymentFigures(
            since=since,
            until=until,
            complete_until=min([at, *(self.store.audit[each].at for each in self._waiting()[:1])]),
            spans=spans_between(since, until, span),
            counts=[
                OutcomeCount(
                    since=begins,
                    outcome=outcome,
                    method=method,
                    reason=reason,
                    count=len(each),
                    amount=sum((amount for amount, _ in each), ZERO),
                    seconds=sum(seconds for _, seconds in each),
                )
                for (begins, outcome, method, reason), each in sorted(found.items())
            ],
            times=times,
        )

    def _waiting(self) -> list[int]:
        _, until = self.store.earlier_steps
        return [
            number
            for number in range(until, len(self.store.audit))
            if number not in self.store.counted_steps and self._outcome(number)
        ]

    def _outcome(self, number: int) -> PaymentOutcome | None:
        entry = self.store.audit[number]
        event = entry.facts.get("event", "")
        return outcome_of(entry.from_state, entry.to_state, event)
