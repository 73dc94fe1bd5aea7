"""Repair the books by the bank's own word: the orders that a comparison names are read, and nothing else is done."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts, ReviewReason, Verdict
from domain.payments.payment import Payment
from domain.reconciliation.finding import Finding
from domain.reconciliation.reported import OrderRead
from domain.reconciliation.taxonomy import Action, Subject
from ports.audit_log import Origin
from ports.payments.payment_gateway import GatewayFailure, GatewaySuspended
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

READS_MAX: Final = 500
"""Orders that one run reads."""

READ_INTERVAL: Final = timedelta(milliseconds=200)
"""Five reads a second: the bank serves the students meanwhile."""

_READ: Final = {Action.HEAL_BY_STATUS_READ: 0, Action.READ_ORDER_STATUS: 1}
"""What is read, and in which order: first what a read may repair."""


class OrderReader(Protocol):
    async def __call__(self, payment: PaymentId, student: StudentId) -> OrderFacts: ...


class OrderApplier(Protocol):
    async def __call__(self, facts: OrderFacts, origin: Origin) -> Payment: ...


@dataclass(frozen=True, slots=True)
class HealBooks:
    """
    Each order is read once in a run, however many discrepancies name it.

    A circuit that is open ends the reading: what was not read stays as it is until the next run.
    """

    unit_of_work: UnitOfWork
    read_order: OrderReader
    apply: OrderApplier
    pause: Callable[[timedelta], Awaitable[None]]
    origin: Origin
    reads_max: int = field(default=READS_MAX)

    async def __call__(
        self, findings: Sequence[Finding], payments: Mapping[str, PaymentId]
    ) -> dict[str, OrderRead]:
        """
        Return what the bank says of the orders that *findings* ask for, by payment.

        *payments* has the payment of everything in the books; what they do not know is not read.
        """
        reads: dict[str, OrderRead] = {}
        for payment in orders_to_read(findings, payments)[: self.reads_max]:
            try:
                reads[payment] = await self._read(payment)
            except GatewaySuspended:
                log.warning("reconciliation.reads_stopped", extra={"count": len(reads)})
                break
            except (GatewayFailure, ChangedMeanwhile, NotFound) as failure:
                log.warning(
                    "reconciliation.not_read",
                    extra={"payment": payment, "trouble": type(failure).__name__},
                )
            await self.pause(READ_INTERVAL)
        return reads

    async def _read(self, payment: PaymentId) -> OrderRead:
        async with self.unit_of_work() as work:
            student = (await work.payments.repository.get(payment)).student.id
        facts = await self.read_order(payment, student)
        await self.apply(facts, self.origin)
        return OrderRead(
            is_charged=facts.verdict is Verdict.CHARGED,
            is_auto_refunded=facts.review_reason is ReviewReason.AUTO_REFUNDED,
            charged_paise=facts.amount.paise if facts.amount else None,
            effective_paise=facts.adjustment.effective.paise
            if facts.adjustment.effective
            else None,
        )


def orders_to_read(
    findings: Sequence[Finding], payments: Mapping[str, PaymentId]
) -> list[PaymentId]:
    """Return the payments to read, each once: first what a read may repair, then the largest amounts."""
    asked = sorted(
        (each for each in findings if each.action in _READ),
        key=lambda each: (_READ[each.action], -abs(each.difference_paise), each.key),
    )
    named = (payments.get(named_in(each)) for each in asked)
    return list(dict.fromkeys(payment for payment in named if payment is not None))


def named_in(finding: Finding) -> str:
    """Return the payment or refund of ours that *finding* is about; a line names it in its evidence."""
    if finding.subject is Subject.LINE:
        return dict(finding.evidence).get("payment", finding.ref)
    return finding.ref
