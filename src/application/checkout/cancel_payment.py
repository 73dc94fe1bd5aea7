"""A student ends an open payment: the order is read first, since the money may be on its way."""

from dataclasses import dataclass

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.basis import CancelledBasis
from domain.payments.cancellation import NotCancellable, cancel_payment
from domain.payments.failure_reason import FailureReason
from domain.payments.payment import Payment
from ports.audit_log import Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPayment:
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> Payment:
        """
        Return the student's payment, ended; one that was cancelled before is returned as it is. Raises

        - ``NotFound`` for another student's, too;
        - ``NotCancellable`` when it is over, or the bank knows of an attempt;
        - ``GatewayFailure`` when the order cannot be read: nothing is changed then.
        """
        async with self.unit_of_work() as work:
            known = await work.payments.repository.get(payment)
        if known.student.id != student:
            raise NotFound("payment", payment)
        if known.failure is FailureReason.CANCELLED_BY_STUDENT and not known.state.is_sold:
            return known
        if not known.state.is_live:
            raise NotCancellable(known.id, known.state)
        if known.gateway_order is not None:
            await self.apply(await self.read_order(payment, student), origin)
        return await retry_on_conflict(lambda: self._end(payment, origin))

    async def _end(self, payment: PaymentId, origin: Origin) -> Payment:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            decision = cancel_payment(await work.payments.repository.get(payment), at)
            write_effects(work, decision, CancelledBasis(at=at), origin=origin, at=at)
        return decision.payment
