"""Send a refund to the bank: the intent is written before, the answer after, no unit is open between."""

import logging
from dataclasses import dataclass

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refund_effects import update_refund_polls
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from domain.errors import ChangedMeanwhile
from domain.payments.basis import RefundRefusedBasis
from domain.payments.order_facts import Verdict
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_decisions import record_refund_refusal
from ports.audit_log import Origin
from ports.clock import Clock
from ports.payments.payment_gateway import (
    GatewayFailure,
    GatewayOutcomeUnknown,
    GatewayRefused,
    PaymentGateway,
    RefundOrder,
)
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendRefund:
    unit_of_work: UnitOfWork
    gateway: PaymentGateway
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock

    async def __call__(self, payment: Payment, refund: Refund, origin: Origin) -> Payment:
        """
        Send *refund*, which is REQUESTED, and return the payment after the bank's answer.

        It is always sent under its own id. When the answer is missing, or is a refusal, the order is
        read: only that proves whether the bank has the refund from an earlier call. Without proof it
        stays REQUESTED and is polled. A failure of the bank is no error here, and neither is an answer
        that others were too fast for to be written: the caller's own intent stands. Nothing is sent while
        a dispute could pay the money as well.
        """
        try:
            return await self._send(payment, refund, origin)
        except ChangedMeanwhile:
            # Told as a conflict, the request would be made again, and a second refund asked for.
            log.warning("refund.unapplied", extra={"payment": payment.id, "refund_id": refund.id})
            return payment

    async def _send(self, payment: Payment, refund: Refund, origin: Origin) -> Payment:
        if (dispute := payment.withheld_for(refund)) is not None:
            withheld = {"payment": payment.id, "refund_id": refund.id, "dispute": dispute.id}
            log.warning("refund.withheld", extra=withheld)
            return payment
        order = RefundOrder(
            payment=payment.id,
            student=payment.student.id,
            refund=refund.id,
            amount=refund.amount,
        )
        try:
            facts = await self.gateway.refund(order)
        except (GatewayOutcomeUnknown, GatewayRefused) as gateway_failure:
            log.warning("refund.unconfirmed", extra=_facts(payment, refund, gateway_failure))
            return await self._read_after(payment, refund, origin, gateway_failure)
        except GatewayFailure as gateway_failure:
            log.warning("refund.not_sent", extra=_facts(payment, refund, gateway_failure))
            return payment
        return await self.apply(facts, origin)

    async def _read_after(
        self, payment: Payment, refund: Refund, origin: Origin, first: GatewayFailure
    ) -> Payment:
        try:
            facts = await self.read_order(payment.id, payment.student.id)
        except GatewayFailure as gateway_failure:
            log.warning("refund.unanswered", extra=_facts(payment, refund, gateway_failure))
            return payment
        applied = await self.apply(facts, origin)
        proven = facts.verdict is not Verdict.UNKNOWN_ORDER and not facts.has_refund(refund.id)
        if isinstance(first, GatewayRefused) and proven:
            return await retry_on_conflict(lambda: self._fail(refund, first, origin, payment))
        return applied

    async def _fail(
        self, refund: Refund, refusal: GatewayRefused, origin: Origin, payment: Payment
    ) -> Payment:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            decision = record_refund_refusal(current, refund.id, refusal.detail, at=at)
            basis = RefundRefusedBasis(refund=refund.id, at=at)
            write_effects(work, decision, basis, origin=origin, at=at)
            update_refund_polls(
                work, decision.payment, decision.refund_moves, at=at, schedule=self.apply.schedule
            )
        return decision.payment


def _facts(payment: Payment, refund: Refund, failure: GatewayFailure) -> dict[str, str]:
    return {"payment": payment.id, "refund_id": refund.id, "trouble": type(failure).__name__}
