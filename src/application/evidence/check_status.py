"""Check a payment's status for its student: the order is read first while money may still move."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.order_status.refresh_order import RefreshOrder
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment_state import State
from domain.payments.polling_schedule import UNSOLD_POLLED_FOR
from ports.audit_log import Origin
from ports.clock import Clock
from ports.payments.order_polls import OrderPolls
from ports.payments.payment_queries import PaymentQueries, StatusView


@dataclass(frozen=True, slots=True)
class CheckStatus:
    queries: PaymentQueries
    order_polls: OrderPolls
    refresh_order: RefreshOrder
    clock: Clock
    least_interval: timedelta

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> StatusView:
        """
        Return the view of the payment for its student, or raise ``NotFound``.

        The order is read first while the payment is live, and for a day after one with a session failed
        or expired. It is read at most once in *least_interval*, however often the status is checked.
        Without the bank's answer the view shows what is stored.
        """
        view = await self.queries.status(payment, student)
        at = self.clock.now()
        if _may_still_move(view, at) and await self._refreshed(payment, student, origin, at):
            view = await self.queries.status(payment, student)
        over = view.retry_until is not None and at >= view.retry_until
        return replace(view, retry_until=None) if over else view

    async def _refreshed(
        self, payment: PaymentId, student: StudentId, origin: Origin, at: datetime
    ) -> bool:
        if not await self.order_polls.may_ask(payment, at, not_since=at - self.least_interval):
            return False
        return await self.refresh_order(payment, student, origin)


def _may_still_move(view: StatusView, at: datetime) -> bool:
    state = State(view.status)
    if state.is_unsold:
        return view.payment_url is not None and at < view.expires_at + UNSOLD_POLLED_FOR
    return state.is_live
