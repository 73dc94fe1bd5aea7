"""Asking the bank about an order: many who want to know at once are told by one answer."""

import asyncio

from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from ports.payments.payment_gateway import PaymentGateway


class ReadOrder:
    """
    Coalesced reads: per order at most one under way and one waiting behind it.

    Whoever comes while a read is under way waits for the next one, because that answer may have been
    given before the evidence they come with. So a shared answer is never older than its asker.
    """

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway
        self._busy: dict[PaymentId, asyncio.Task[OrderFacts]] = {}
        self._waiting: dict[PaymentId, asyncio.Task[OrderFacts]] = {}

    async def __call__(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        """Return the bank's answer; raises ``GatewayFailure`` when there is none."""
        waiting = self._waiting.get(payment)
        if waiting is None:
            waiting = asyncio.create_task(self._read(payment, student, self._busy.get(payment)))
            waiting.add_done_callback(_heard)
            self._waiting[payment] = waiting
        # One asker who goes away must not take the answer from the others.
        return await asyncio.shield(waiting)

    async def _read(
        self, payment: PaymentId, student: StudentId, before: asyncio.Task[OrderFacts] | None
    ) -> OrderFacts:
        if before is not None:
            await asyncio.wait([before])
        task = self._waiting.pop(payment)
        self._busy[payment] = task
        try:
            return await self._gateway.read_order(payment, student)
        finally:
            if self._busy.get(payment) is task:
                del self._busy[payment]


def _heard(read: asyncio.Task[OrderFacts]) -> None:
    """Take note of a failure that every asker may have left before hearing."""
    if not read.cancelled():
        read.exception()
