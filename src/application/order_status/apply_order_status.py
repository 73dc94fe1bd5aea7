"""Applying an order status: the only way in which the bank's answers move a payment."""

from dataclasses import dataclass
from datetime import timedelta

from application.order_status.discharge_claim import Claim, discharge_claim
from application.order_status.failure_email import FAILURE_EMAIL_AFTER, schedule_failure_email
from application.order_status.refund_effects import update_refund_polls
from application.order_status.reschedule_poll import PollClaim
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from domain.payments.adjustment import AdjustmentKind
from domain.payments.basis import Basis, OrderStatusBasis, ReviewRaisedBasis
from domain.payments.dispute import RESPONSE_USUAL
from domain.payments.order_decisions import NOTHING_BORNE, apply_order_facts
from domain.payments.order_facts import OrderFacts, ReviewReason
from domain.payments.payment import Payment
from domain.payments.polling_schedule import flag_if_unresolved
from domain.payments.refund_polling import DEFAULT_SCHEDULE, RefundPollingSchedule
from ports.audit_log import Origin
from ports.clock import Clock
from ports.refunds.refund_polls import RefundPoll
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ApplyOrderStatus:
    unit_of_work: UnitOfWork
    clock: Clock
    schedule: RefundPollingSchedule = DEFAULT_SCHEDULE
    failure_email_after: timedelta = FAILURE_EMAIL_AFTER
    returns_mismatch: bool = True
    """Whether another amount than the price goes back by itself, or by staff."""
    borne: frozenset[AdjustmentKind] = NOTHING_BORNE
    """The offers and surcharges that the merchant has agreed with the bank: they need no review."""

    dispute_response: timedelta = RESPONSE_USUAL
    """How long staff have to contest a dispute where the bank names no deadline."""

    async def __call__(
        self, facts: OrderFacts, origin: Origin, claim: Claim | None = None
    ) -> Payment:
        """
        Return the payment as the bank's *facts* leave it, its effects written with it.

        *claim* is the queue entry that led to the read. It is discharged in the same unit: when a newer
        holder has it, nothing is written and ``ChangedMeanwhile`` is raised. Raises ``NotFound`` for
        an order that is not ours.
        """
        return await retry_on_conflict(lambda: self._unit(facts, origin, claim))

    async def _unit(self, facts: OrderFacts, origin: Origin, claim: Claim | None) -> Payment:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            found = await work.payments.repository.get_in_context(facts.payment)
            decision = apply_order_facts(
                found.payment,
                facts,
                at=at,
                owned_by=found.owned_by,
                on_sale=found.on_sale,
                returns_mismatch=self.returns_mismatch,
                borne=self.borne,
                dispute_response=self.dispute_response,
                second_charges=found.second_charges,
            )
            basis: Basis = OrderStatusBasis.of(
                facts,
                at=at,
                owned_by=found.owned_by,
                on_sale=found.on_sale,
                returns_mismatch=self.returns_mismatch,
                borne=self.borne,
                dispute_response=self.dispute_response,
                second_charges=found.second_charges,
            )
            if isinstance(claim, PollClaim) and not decision.is_news:
                decision = flag_if_unresolved(found.payment, since=claim.poll.since, at=at)
                basis = ReviewRaisedBasis(reason=ReviewReason.UNRESOLVED, at=at)
            write_effects(
                work,
                decision,
                basis,
                origin=origin,
                at=at,
                bank_word=facts.word,
                by_poll=isinstance(claim, PollClaim),
                opened=found.opened,
            )
            schedule_failure_email(work, decision, at=at, after=self.failure_email_after)
            update_refund_polls(
                work,
                decision.payment,
                decision.refund_moves,
                at=at,
                schedule=self.schedule,
                besides=claim.refund if isinstance(claim, RefundPoll) else None,
            )
            discharge_claim(work, claim, decision, at=at, schedule=self.schedule)
        return decision.payment
