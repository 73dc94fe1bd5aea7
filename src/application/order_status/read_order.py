"""Read an order at the bank: callers who ask at the same time share one read."""

import asyncio

from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from ports.payments.payment_gateway import PaymentGateway


class ReadOrder:
    """
    Coalesced reads: for each order at most one is running and one is waiting for it.

    A caller that comes while a read is running gets the answer of the next one: the running read may
    have been answered before this caller's evidence existed. So an answer is never older than the call.
    """

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway
        self._running: dict[PaymentId, asyncio.Task[OrderFacts]] = {}
        self._waiting: dict[PaymentId, asyncio.Task[OrderFacts]] = {}

    async def __call__(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        """Return the bank's answer; raises ``GatewayFailure`` when there is none."""
        waiting = self._waiting.get(payment)
        if waiting is None:
            waiting = asyncio.create_task(self._read(payment, student, self._running.get(payment)))
            waiting.add_done_callback(_retrieve_failure)
            self._waiting[payment] = waiting
        # The cancellation of one caller must not cancel the read of the others.
        return await asyncio.shield(waiting)

    async def _read(
        self, payment: PaymentId, student: StudentId, before: asyncio.Task[OrderFacts] | None
    ) -> OrderFacts:
        if before is not None:
            await asyncio.wait([before])
        task = self._waiting.pop(payment)
        self._running[payment] = task
        try:
            return await self._gateway.read_order(payment, student)
        finally:
            if self._running.get(payment) is task:
                del self._running[payment]


def _retrieve_failure(read: asyncio.Task[OrderFacts]) -> None:
    """Retrieve the failure of *read*: every caller may be cancelled before it, and asyncio would warn."""
    if not read.cancelled():
        read.exception()
