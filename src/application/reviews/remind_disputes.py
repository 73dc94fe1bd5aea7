"""Alert staff of each open dispute: when it becomes known, and daily when its deadline is near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.retry_on_conflict import retry_on_conflict
from domain.identifiers import PaymentId
from domain.payments.basis import NoteBasis, NoteKind
from domain.payments.dispute_alert import DisputeAlert, alert_due
from domain.payments.dispute_state import DisputeState
from ports.alerts import Alert, AlertKind, Alerts
from ports.clock import Clock
from ports.refunds.refund_queries import (
    DisputeCursor,
    DisputedPayment,
    DisputeView,
    RefundQueries,
)
from ports.unit_of_work import UnitOfWork

PAGE_MAX: Final = 100
PAGES_PER_RUN_MAX: Final = 50
"""What is behind them has a later deadline, and its turn when an earlier dispute ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindDisputes:
    queries: RefundQueries
    unit_of_work: UnitOfWork
    alerts: Alerts
    clock: Clock
    before: timedelta
    """How long before its deadline a dispute is named again."""

    page_max: int = PAGE_MAX
    pages_max: int = PAGES_PER_RUN_MAX

    async def __call__(self) -> int:
        """
        Send the alerts that are due, the earliest deadline first; return 0, since nothing is left to do.

        An alert is noted after it was sent: who dies in between sends it once more, and none is lost.
        """
        after: DisputeCursor | None = None
        for _ in range(self.pages_max):
            page = await self.queries.disputed(after=after, at_most=self.page_max)
            for payment in page.items:
                await self._remind(payment)
            after = page.next
            if after is None:
                break
        return 0

    async def _remind(self, payment: DisputedPayment) -> None:
        at = self.clock.now()
        due = [
            (dispute, why)
            for dispute in payment.disputes
            if DisputeState(dispute.status).is_open and (why := self._due(dispute, at)) is not None
        ]
        for dispute, why in due:
            await self.alerts.call(_alert(payment, dispute, why, at))
        if due:
            await retry_on_conflict(
                lambda: self._note(
                    PaymentId(payment.transaction_id), [each.dispute_id for each, _ in due], at
                )
            )

    def _due(self, dispute: DisputeView, at: datetime) -> DisputeAlert | None:
        return alert_due(
            respond_by=dispute.respond_by,
            alerted_at=dispute.alerted_at,
            at=at,
            before=self.before,
        )

    async def _note(self, payment: PaymentId, disputes: Sequence[str], at: datetime) -> None:
        async with self.unit_of_work() as work:
            known = await work.payments.repository.get(payment)
            basis = NoteBasis(note=NoteKind.ALERT, at=at)
            work.payments.repository.save(known.alerted_of(disputes, at), basis)


def _alert(
    payment: DisputedPayment, dispute: DisputeView, why: DisputeAlert, at: datetime
) -> Alert:
    facts = {
        "reason": why.value,
        "dispute": dispute.dispute_id,
        "state": dispute.status,
        "amount": dispute.amount,
        "at": dispute.opened_at.isoformat(),
        "next_at": dispute.respond_by.isoformat(),
        "age_seconds": str(int((at - dispute.opened_at).total_seconds())),
    }
    return Alert(kind=AlertKind.PAYMENT_DISPUTED, subject=payment.transaction_id, facts=facts)
