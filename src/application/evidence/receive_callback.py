"""Receive a callback, the student's return from the bank's page: only the order read after it is believed."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.order_status.refresh_at_intervals import RefreshAtIntervals
from domain.identifiers import PaymentId
from ports.audit_log import Origin
from ports.payments.gateway_messages import GatewayMessages
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Returned:
    """The payment of a callback; *answered* when the bank has just told how its order stands."""

    payment: PaymentId
    answered: bool


@dataclass(frozen=True, slots=True)
class ReceiveCallback:
    messages: GatewayMessages
    unit_of_work: UnitOfWork
    refresh: RefreshAtIntervals

    async def __call__(self, fields: Sequence[tuple[str, str]], origin: Origin) -> Returned:
        """
        Return the payment of the callback, refreshed when the bank answered in time.

        A return that is sent again and again has the order read at intervals only.

        Raises ``ForgedMessage``, ``MalformedMessage`` and ``NotFound``. That the bank does not answer is
        no error here: the result page says "confirming" and asks again.
        """
        claim = self.messages.read_return(fields)
        answered = False
        polled = await self.refresh.may_ask(claim.payment)
        if polled is None:
            async with self.unit_of_work() as work:
                await work.payments.repository.get(claim.payment)
        elif not polled.state.is_sold:
            answered = await self.refresh.refresh_order(claim.payment, polled.student, origin)
        return Returned(claim.payment, answered)
