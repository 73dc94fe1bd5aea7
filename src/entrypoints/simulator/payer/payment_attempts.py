"""The payer's attempts to pay an order: each begins and ends here, and each step is recorded as a webhook."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from entrypoints.simulator.background import Background
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import FaultKind, FaultSchedule
from entrypoints.simulator.orders.instrument_outcomes import (
    Outcome,
    documented_outcome,
    outcome_by_amount,
)
from entrypoints.simulator.orders.instruments import OTP, Instrument
from entrypoints.simulator.orders.order import Attempt, NotPayable, Order, Status
from entrypoints.simulator.orders.webhook_records import WebhookEvent, WebhookRecord
from entrypoints.simulator.payer.refund_processing import RefundProcessing
from entrypoints.simulator.webhooks.webhook_sender import WebhookSender

CHARGED_EVENTS: Final = (WebhookEvent.TXN_CHARGED, WebhookEvent.ORDER_SUCCEEDED)
FAILED_EVENTS: Final = (WebhookEvent.TXN_FAILED, WebhookEvent.ORDER_FAILED)


@dataclass(frozen=True, slots=True)
class LaterOutcome:
    """How a pending attempt ends by itself, *seconds* later."""

    outcome: Outcome
    seconds: float
    auto_refund: bool | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """
    Every method changes the order at once and returns the webhooks about it, which the caller delivers.

    Raises ``NotPayable`` and changes nothing when the order does not allow the step.
    """

    config: SimulatorConfig
    sender: WebhookSender
    background: Background
    refunds: RefundProcessing
    schedule: FaultSchedule

    def pay(
        self,
        order: Order,
        instrument: Instrument,
        chosen: Outcome | None = None,
        *,
        late: bool = False,
        auto_refund: bool | None = None,
        then: LaterOutcome | None = None,
    ) -> Sequence[WebhookRecord]:
        """
        A *chosen* outcome wins, then the documented instrument, then the amount rule.

        *late* pays an expired order. *auto_refund* says whether a success is refunded automatically; None: as
        configured. *then* is how a pending attempt ends by itself.
        """
        attempt, created = self._begin(order, instrument, late=late)
        outcome = chosen or documented_outcome(instrument)
        if outcome is None and self.config.amount_rule:
            outcome = outcome_by_amount(order.request.amount)
            then = LaterOutcome(Outcome.SUCCESS, self.config.amount_rule_pending_seconds)
        outcome, then = self._pending_first(order, attempt, outcome or Outcome.SUCCESS, then)
        if outcome is Outcome.PENDING and then is not None:
            then = replace(then, auto_refund=auto_refund)
            self.background.start(self._decide_later(order, attempt, then))
        return (created, *self._decide(order, attempt, outcome, auto_refund=auto_refund))

    def ask_for_otp(
        self, order: Order, instrument: Instrument, chosen: Outcome | None
    ) -> Sequence[WebhookRecord]:
        """Begin a card payment that waits for the one-time password."""
        attempt, created = self._begin(order, instrument)
        attempt.chosen_outcome, attempt.awaits_otp = chosen, True
        return (created,)

    def answer_otp(self, order: Order, typed: str) -> Sequence[WebhookRecord]:
        attempt = order.pending
        if attempt is None or not attempt.awaits_otp:
            raise NotPayable("no card payment waits for a one-time password")
        if typed.strip() != OTP or order.has_expired(self.config.clock()):
            return self._end(order, attempt, Status.AUTHENTICATION_FAILED, FAILED_EVENTS)
        outcome = attempt.chosen_outcome
        if outcome is None and self.config.amount_rule:
            outcome = outcome_by_amount(order.request.amount)
        attempt.awaits_otp = False
        outcome, then = self._pending_first(order, attempt, outcome or Outcome.SUCCESS, None)
        if then is not None:
            self.background.start(self._decide_later(order, attempt, then))
        return self._decide(order, attempt, outcome)

    def decide_pending(
        self, order: Order, outcome: Outcome, *, auto_refund: bool | None = None
    ) -> Sequence[WebhookRecord]:
        """End the latest pending attempt with *outcome*, also after the order expired."""
        if (attempt := order.pending) is None:
            raise NotPayable("no attempt is pending")
        return self._decide(order, attempt, outcome, auto_refund=auto_refund)

    def _begin(
        self, order: Order, instrument: Instrument, *, late: bool = False
    ) -> tuple[Attempt, WebhookRecord]:
        now = self.config.clock()
        attempt = order.begin(instrument, self.config.merchant_id, now, late=late)
        return attempt, self.sender.record(order, WebhookEvent.TXN_CREATED, attempt)

    def _decide(
        self, order: Order, attempt: Attempt, outcome: Outcome, *, auto_refund: bool | None = None
    ) -> Sequence[WebhookRecord]:
        match outcome:
            case Outcome.SUCCESS if self._comes_too_late(order, auto_refund=auto_refund):
                order.end(attempt, Status.AUTO_REFUNDED, self.config.clock())
                return self.refunds.refund_automatically(order)
            case Outcome.SUCCESS:
                return self._end(order, attempt, Status.CHARGED, CHARGED_EVENTS)
            case Outcome.FAILURE:
                return self._end(order, attempt, Status.AUTHORIZATION_FAILED, FAILED_EVENTS)
            case Outcome.PENDING:
                return ()

    def _end(
        self, order: Order, attempt: Attempt, status: Status, events: Sequence[WebhookEvent]
    ) -> Sequence[WebhookRecord]:
        order.end(attempt, status, self.config.clock())
        return tuple(self.sender.record(order, event, attempt) for event in events)

    def _comes_too_late(self, order: Order, *, auto_refund: bool | None) -> bool:
        if auto_refund is not None:
            return auto_refund
        agreed = self.config.auto_refund_late or order.request.auto_refund
        return agreed and order.has_expired(self.config.clock())

    def _pending_first(
        self, order: Order, attempt: Attempt, outcome: Outcome, then: LaterOutcome | None
    ) -> tuple[Outcome, LaterOutcome | None]:
        """Make the attempt pending first where the schedule says so; its outcome comes later."""
        order_id, ordinal = order.request.order_id, str(attempt.number)
        if outcome is Outcome.PENDING or not self.schedule.injects(
            FaultKind.PENDING_FIRST, order_id, ordinal
        ):
            return outcome, then
        part = self.schedule.part(FaultKind.PENDING_FIRST, order_id, ordinal)
        return Outcome.PENDING, LaterOutcome(outcome, part * self.schedule.rates.pending_seconds)

    async def _decide_later(self, order: Order, attempt: Attempt, then: LaterOutcome) -> None:
        await self.config.pause(then.seconds)
        if attempt.is_pending and not order.is_closed:
            records = self._decide(order, attempt, then.outcome, auto_refund=then.auto_refund)
            await self.sender.deliver(order, records)
