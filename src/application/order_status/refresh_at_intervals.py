"""Refresh a payment at most once in an interval, however often somebody asks for it."""

from dataclasses import dataclass
from datetime import timedelta

from application.order_status.refresh_order import RefreshOrder
from domain.identifiers import PaymentId, StudentId
from ports.audit_log import Origin
from ports.clock import Clock
from ports.payments.order_polls import OrderPolls, PolledPayment


@dataclass(frozen=True, slots=True)
class RefreshAtIntervals:
    """What a browser sends can be sent again without end: status requests and signed returns share the interval."""

    order_polls: OrderPolls
    refresh_order: RefreshOrder
    clock: Clock
    least_interval: timedelta

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> bool:
        """
        Return whether the bank answered in time and its answer is applied.

        False also where the order was read within *least_interval*, by whichever process.
        """
        if await self.may_ask(payment) is None:
            return False
        return await self.refresh_order(payment, student, origin)

    async def may_ask(self, payment: PaymentId) -> PolledPayment | None:
        """Return the payment if its order may be read now, which is the caller's to do; None too soon, or unknown."""
        at = self.clock.now()
        return await self.order_polls.may_ask(payment, at, not_since=at - self.least_interval)
