"""When the bank was last asked about which order, kept in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.identifiers import PaymentId
from domain.payment import Payment
from fakes.store import Store
from ports.bank_questions import BankQuestion


@dataclass(frozen=True, slots=True)
class MemoryBankQuestions:
    store: Store

    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        await asyncio.sleep(0)
        if payment not in self.store.payments or not self._long_ago(payment, not_since):
            return False
        self.store.asked_at[payment] = at
        return True

    async def claim_overdue(
        self, at: datetime, *, not_since: datetime, at_most: int
    ) -> Sequence[BankQuestion]:
        await asyncio.sleep(0)
        overdue = [
            payment
            for payment in self.store.payments.values()
            if payment.state.is_live
            and payment.lapses_at <= at
            and self._long_ago(payment.id, not_since)
            and self._rarely(payment.id, payment.expires_at, at)
        ]
        return self._claimed(overdue, at, at_most)

    async def claim_unsold(
        self, at: datetime, *, not_since: datetime, closed_since: datetime, at_most: int
    ) -> Sequence[BankQuestion]:
        await asyncio.sleep(0)
        unsold = [
            payment
            for payment in self.store.payments.values()
            if payment.state.is_unsold
            and payment.gateway_order is not None
            and payment.closed_at is not None
            and payment.closed_at > closed_since
            and self._long_ago(payment.id, not_since)
            and self._rarely(payment.id, payment.closed_at, at)
        ]
        return self._claimed(unsold, at, at_most)

    def _claimed(self, due: list[Payment], at: datetime, at_most: int) -> list[BankQuestion]:
        asked = self.store.asked_at
        due.sort(key=lambda payment: (payment.id in asked, asked.get(payment.id, at)))
        for payment in due[:at_most]:
            asked[payment.id] = at
        return [BankQuestion(payment.id, payment.student.id) for payment in due[:at_most]]

    def _rarely(self, payment: PaymentId, beginning: datetime, at: datetime) -> bool:
        asked = self.store.asked_at.get(payment)
        return asked is None or asked + (asked - beginning) / 4 <= at

    def _long_ago(self, payment: PaymentId, not_since: datetime) -> bool:
        asked = self.store.asked_at.get(payment)
        return asked is None or asked <= not_since
