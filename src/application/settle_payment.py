"""The one door through which the bank's answers move a payment, whoever asked and however often."""

from dataclasses import dataclass

from application.again import again_when_changed
from application.carry_out import carry_out
from domain.order_facts import OrderFacts
from domain.payment import Payment
from ports.audit_log import Origin
from ports.clock import Clock
from ports.inbox import InboxEntry
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SettlePayment:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, facts: OrderFacts, origin: Origin, closing: InboxEntry | None = None
    ) -> Payment:
        """
        Return the payment as the bank's *facts* leave it, its effects written with it.

        *closing* is the inbox entry that led here; it counts as applied only together with them.
        Raises ``NotFound`` for an order that is not ours.
        """
        return await again_when_changed(lambda: self._unit(facts, origin, closing))

    async def _unit(self, facts: OrderFacts, origin: Origin, closing: InboxEntry | None) -> Payment:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            found = await work.payments.get(facts.payment)
            decision = found.payment.settle(facts, at=at, owned_by=found.owned_by)
            carry_out(work, decision, origin=origin, at=at, bank_word=facts.word)
            if closing is not None:
                work.inbox.applied(closing, at)
        return decision.payment
