"""Requests of refunds that nobody decides: approvers are reminded, then the request ends and its amount is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ledger.post_journals import post
from application.order_status.refund_effects import audit_refund
from application.order_status.reschedule_poll import read_if_room
from application.retry_on_conflict import retry_on_conflict
from application.webhooks.tell_platform import tell_refund
from domain.identifiers import PaymentId, RefundId
from domain.ledger.payment_postings import refund_end_postings
from domain.payments.basis import RefundLapsedBasis
from domain.payments.refund_state import RefundState
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.refunds.refund_queries import OpenRefund, RefundQueries
from ports.unit_of_work import UnitOfWork

BATCH_MAX: Final = 100
NAMED_MAX: Final = 20
BY_TIME: Final = Origin(actor="system", source=Source.REFUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseRequests:
    queries: RefundQueries
    unit_of_work: UnitOfWork
    clock: Clock
    after: timedelta
    """How long a refund may wait for approval before it is rejected by the system."""

    async def __call__(self) -> int:
        """
        End the oldest requests that wait for approval for too long; return how many there were.

        Each is rejected by the system. If the bank reported a refund for which its amount has room
        now, the order is read again.
        """
        at = self.clock.now()
        lapsed = 0
        for each in await _waiting(self.queries):
            if at - each.asked_at < self.after:
                break
            payment, refund = PaymentId(each.transaction_id), RefundId(each.refund_id)
            lapsed += await self._lapse(payment, refund)
        return lapsed

    async def _lapse(self, payment: PaymentId, refund: RefundId) -> bool:
        return await retry_on_conflict(lambda: self._unit(payment, refund))

    async def _unit(self, payment: PaymentId, refund: RefundId) -> bool:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            known = await work.payments.repository.get(payment)
            now = known.lapse_refund(refund, at=at, after=self.after)
            if now == known:
                return False
            basis = RefundLapsedBasis(refund=refund, at=at, after=self.after)
            work.payments.repository.save(now, basis)
            post(work, refund_end_postings(now, now.refunds.get(refund), at), at)
            read_if_room(work, now, at)
            audit_refund(
                work,
                now,
                now.refunds.get(refund),
                action="refund.approval_lapsed",
                origin=BY_TIME,
                at=at,
                moved_from=RefundState.AWAITING_APPROVAL,
            )
            tell_refund(
                work, now, now.refunds.get(refund), at, moved_from=RefundState.AWAITING_APPROVAL
            )
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindApprovers:
    queries: RefundQueries
    alerts: Alerts
    clock: Clock
    after: timedelta
    """How long a refund may wait for approval before an alert names it."""

    lapses_after: timedelta

    async def __call__(self) -> int:
        """Send one alert about all requests that wait too long; return 0, since there is nothing left to do."""
        at = self.clock.now()
        late = [each for each in await _waiting(self.queries) if at - each.asked_at >= self.after]
        if late:
            oldest = late[0].asked_at
            facts = {
                "count": str(len(late)),
                "at": oldest.isoformat(),
                "age_seconds": str(int((at - oldest).total_seconds())),
                "next_at": (oldest + self.lapses_after).isoformat(),
                "entry": " ".join(each.refund_id for each in late[:NAMED_MAX]),
            }
            await self.alerts.call(
                Alert(
                    kind=AlertKind.REFUND_AWAITING_APPROVAL,
                    subject=RefundState.AWAITING_APPROVAL.value,
                    facts=facts,
                )
            )
        return 0


async def _waiting(queries: RefundQueries) -> Sequence[OpenRefund]:
    """Return the refunds that wait longest for approval, oldest first."""
    page = await queries.in_flight(state=RefundState.AWAITING_APPROVAL, at_most=BATCH_MAX)
    return page.items
