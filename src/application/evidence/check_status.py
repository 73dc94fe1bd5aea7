"""Check a payment's status for its student: the order is read first while money may still move."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.order_status.refresh_at_intervals import RefreshAtIntervals
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment_state import State
from domain.payments.polling_schedule import UNSOLD_POLLED_FOR
from ports.audit_log import Origin
from ports.clock import Clock
from ports.payments.payment_queries import PaymentQueries, StatusView


@dataclass(frozen=True, slots=True)
class CheckStatus:
    queries: PaymentQueries
    refresh: RefreshAtIntervals
    clock: Clock

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> StatusView:
        """
        Return the view of the payment for its student, or raise ``NotFound``.

        The order is read first while the payment is live, and for a day after one with a session failed
        or expired. It is read at most once in an interval, however often the status is checked.
        Without the bank's answer the view shows what is stored.
        """
        view = await self.queries.status(payment, student)
        at = self.clock.now()
        if may_still_move(view, at) and await self.refresh(payment, student, origin):
            view = await self.queries.status(payment, student)
        over = view.retry_until is not None and at >= view.retry_until
        return replace(view, retry_until=None) if over else view


def may_still_move(view: StatusView, at: datetime) -> bool:
    """Whether the bank may have news of the payment at this instant, so that its order is read."""
    state = State(view.status)
    if state.is_unsold:
        return view.payment_url is not None and at < view.expires_at + UNSOLD_POLLED_FOR
    return state.is_live
