"""Refunds and disputes of the same payment: no money is sent to a payer who may get it by the dispute."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qs, urlsplit

from domain.payments.dispute import lost_in
from domain.payments.payment import Payment
from domain.payments.refund_state import RefundState
from entrypoints.simulator.orders.order import Order
from simulation.network import Request

PAISE: Final = 100
UNDER_WAY: Final = timedelta(seconds=1)
"""So long after a dispute became known may somebody send a refund who had read the payment before."""

REFUND_PATH: Final = re.compile(r"/orders/(\w+)/refunds$")


@dataclass(frozen=True, slots=True)
class Sent:
    """When a request for a refund left, and whether its sender had to know by itself of a dispute."""

    refund: str
    at: datetime
    knew: bool


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
    _told_to: set[tuple[str, object]] = field(default_factory=set)
    """By payment and task: who wrote of a dispute has to know of it at once."""

    _into: set[str] = field(default_factory=set)
    """Refunds that were requested when a dispute was known already."""

    _requested: set[str] = field(default_factory=set)
    _sent: dict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))

    def leaves(self, _: str, request: Request) -> None:
        """Note *request* if it asks the bank for a refund."""
        found = REFUND_PATH.search(urlsplit(request.url).path)
        asked = parse_qs(request.body.decode()).get("unique_request_id") if found else None
        if found is not None and asked:
            payment, refund = found[1], asked[0]
            knew = refund in self._into or (payment, asyncio.current_task()) in self._told_to
            self._sent[payment].append(Sent(refund, self.now(), knew))

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
                        self._into.add(refund.id)

    def wrong_with(self, payment: Payment, order: Order) -> Iterator[str]:
        """Yield each refund of *payment* that was sent although a dispute was known."""
        known = self._known.get(payment.id, {})
        sent = self._sent.get(payment.id, [])
        for each in sent:
            early = timedelta() if each.knew else UNDER_WAY
            for dispute, was in known.items():
                if was.holds(each.at) and was.holds(each.at - early):
                    yield f"the refund {each.refund} was sent into the dispute {dispute}"
        last = max((each.at for each in sent), default=None)
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
                if dispute.id not in known:
                    known[dispute.id] = Open(at)
                    self._told_to.add((payment.id, asyncio.current_task()))
                continue
            was = known.setdefault(dispute.id, Open(at, at))
            was.until = was.until or at
            if dispute.state == "lost":
                was.lost = was.lost or at
