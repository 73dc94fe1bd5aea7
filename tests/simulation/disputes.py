"""Refunds and disputes of the same payment: no money is sent to a payer who may get it by the dispute."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.payments.dispute import lost_in
from domain.payments.payment import Payment
from domain.payments.refund_state import RefundState
from entrypoints.simulator.orders.order import Order

PAISE: Final = 100
UNDER_WAY: Final = timedelta(minutes=3)
"""So long after a dispute became known may a refund arrive that was sent before: it was slow, or it was repeated."""


@dataclass(slots=True)
class Open:
    """Between which instants a dispute was known to be open; *lost* is when it was known to be lost."""

    since: datetime
    until: datetime | None = None
    lost: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True)
class DisputeWatch:
    """What the service knew of disputes and when, by the true time: the bank knows when it got each refund."""

    now: Callable[[], datetime]
    _known: dict[str, dict[str, Open]] = field(default_factory=dict)
    _into: dict[str, datetime] = field(default_factory=dict)
    """Refunds that were requested when a dispute was known already, so that none of them was under way before."""

    _requested: set[str] = field(default_factory=set)

    def look(self, payments: Iterable[Payment]) -> None:
        """Note what a unit of work has left of *payments*."""
        at = self.now()
        for payment in payments:
            if payment.disputes:
                self._note(payment, at)
            for refund in payment.refunds:
                if refund.state is RefundState.REQUESTED and refund.id not in self._requested:
                    self._requested.add(refund.id)
                    if any(each.state.is_open for each in payment.disputes):
                        self._into[refund.id] = at

    def wrong_with(self, payment: Payment, order: Order) -> Iterator[str]:
        """Yield each refund of *order* that was sent although a dispute was known."""
        ours = {each.id for each in payment.refunds if not each.outside}
        known = self._known.get(payment.id, {})
        sent = [each for each in order.refunds if each.unique_request_id in ours]
        for refund in sent:
            early = timedelta() if refund.unique_request_id in self._into else UNDER_WAY
            for dispute, was in known.items():
                if was.holds(refund.created_at) and was.holds(refund.created_at - early):
                    yield f"the refund {refund.unique_request_id} was sent into the dispute {dispute}"
        last = max((each.created_at for each in sent if each.counts), default=None)
        lost = [each.lost for each in known.values() if each.lost is not None]
        back = sum((each.amount for each in order.refunds if each.counts), Decimal())
        if last is not None and lost and last > min(lost) + UNDER_WAY:
            taken = Decimal(lost_in(payment.disputes).paise) / PAISE
            if back + taken > order.request.amount:
                yield f"{payment.id}: {back} went back, and {taken} was lost in disputes before"

    def _note(self, payment: Payment, at: datetime) -> None:
        known = self._known.setdefault(payment.id, {})
        for dispute in payment.disputes:
            if dispute.state.is_open:
                known.setdefault(dispute.id, Open(at))
                continue
            was = known.setdefault(dispute.id, Open(at, at))
            was.until = was.until or at
            if dispute.state == "lost":
                was.lost = was.lost or at
