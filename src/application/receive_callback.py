"""The student comes back from the bank's page: look into it now, believe only the bank's own answer."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from application.read_order import ReadOrder
from application.settle_payment import SettlePayment
from domain.identifiers import PaymentId
from domain.payment_state import State
from ports.audit_log import Origin
from ports.gateway_messages import GatewayMessages
from ports.payment_gateway import GatewayTrouble
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReceiveCallback:
    messages: GatewayMessages
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    settle: SettlePayment

    async def __call__(self, fields: Sequence[tuple[str, str]], origin: Origin) -> PaymentId:
        """
        Return the payment that the student came back from, settled if the bank could be asked.

        Raises ``ForgedMessage``, ``MalformedMessage`` and ``NotFound``. A bank that does not answer
        is no error here: the result page says "confirming" and asks again.
        """
        claim = self.messages.read_return(fields)
        async with self.unit_of_work() as work:
            payment = (await work.payments.get(claim.payment)).payment
        if payment.state is State.SUCCESS:
            return payment.id
        try:
            facts = await self.read_order(payment.id, payment.student.id)
        except GatewayTrouble as trouble:
            log.warning(
                "no answer from the bank on a callback",
                extra={"payment": payment.id, "trouble": type(trouble).__name__},
            )
            return payment.id
        await self.settle(facts, origin)
        return payment.id
