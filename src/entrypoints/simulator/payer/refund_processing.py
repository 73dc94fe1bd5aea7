"""Check, begin and end refunds; each step is recorded as a webhook."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from entrypoints.simulator.background import Background
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.orders.order import Order
from entrypoints.simulator.orders.refund_request import RefundRequest
from entrypoints.simulator.orders.refunds import (
    AUTOMATIC,
    REFUNDS_MAX,
    Refund,
    RefundStatus,
    automatic_refund_id,
)
from entrypoints.simulator.orders.webhook_records import WebhookEvent, WebhookRecord
from entrypoints.simulator.refund_script import RefundOutcome, RefundScript
from entrypoints.simulator.refusals import refund_refused
from entrypoints.simulator.webhooks.webhook_sender import WebhookSender

ENDS: Final = {
    RefundOutcome.SUCCESS: RefundStatus.SUCCESS,
    RefundOutcome.FAILURE: RefundStatus.FAILURE,
    RefundOutcome.MANUAL_REVIEW: RefundStatus.MANUAL_REVIEW,
}
EVENTS: Final = {
    RefundStatus.SUCCESS: WebhookEvent.ORDER_REFUNDED,
    RefundStatus.FAILURE: WebhookEvent.ORDER_REFUND_FAILED,
    RefundStatus.MANUAL_REVIEW: WebhookEvent.REFUND_MANUAL_REVIEW_NEEDED,
}
AUTOMATIC_EVENTS: Final = {
    RefundStatus.SUCCESS: WebhookEvent.AUTO_REFUND_SUCCEEDED,
    RefundStatus.FAILURE: WebhookEvent.AUTO_REFUND_FAILED,
}


@dataclass(slots=True)
class RefundProcessing:
    """
    A refund begins as PENDING; a background task ends it as its script says.

    Every method changes the order at once and returns the webhooks about it, as ``Payer`` does.
    """

    config: SimulatorConfig
    sender: WebhookSender
    background: Background
    _scripts: deque[tuple[str | None, RefundScript]] = field(default_factory=deque)
    _used_ids: set[str] = field(default_factory=set)

    def script(self, script: RefundScript, times: int, order_id: str | None = None) -> None:
        """Plan *script* for the next *times* refunds, of *order_id* or of any order."""
        self._scripts.extend([(order_id and order_id.casefold(), script)] * times)

    @property
    def waiting(self) -> int:
        """How many planned refunds are left."""
        return len(self._scripts)

    def forget(self) -> None:
        self._scripts.clear()

    def ask(
        self, order: Order, request: RefundRequest, script: RefundScript | None = None
    ) -> tuple[Refund, Sequence[WebhookRecord]]:
        """Begin a refund, or raise ``ApiRefusal`` with the bank's words (SmartGateway's refund API)."""
        amount = self._checked(order, request)
        return self._begin(
            order,
            Refund(
                unique_request_id=request.unique_request_id,
                amount=amount,
                created_at=self.config.clock(),
                script=script or self._next_script(order),
                initiated_by=request.initiated_by,
                webhook_url=request.webhook_url,
            ),
        )

    def refund_automatically(self, order: Order) -> Sequence[WebhookRecord]:
        """Begin an automatic refund of an order that was paid too late."""
        refund = Refund(
            unique_request_id=automatic_refund_id(),
            amount=order.request.amount,
            created_at=self.config.clock(),
            script=self._next_script(order),
            initiated_by=AUTOMATIC,
        )
        _, records = self._begin(order, refund)
        return records

    def decide(
        self, order: Order, refund: Refund, outcome: RefundOutcome
    ) -> Sequence[WebhookRecord]:
        """End or review the refund as *outcome* says, or raise ``NotDecidable`` when it has ended."""
        status = ENDS.get(outcome, RefundStatus.PENDING)
        refund.decide(status, self.config.clock())
        if status is RefundStatus.SUCCESS and refund.script.arn_seconds is not None:
            self.background.start(self._capture_arn(order, refund, refund.script.arn_seconds))
        events = EVENTS | (AUTOMATIC_EVENTS if refund.is_automatic else {})
        return (self._record(order, refund, events[status]),)

    def capture_arn(self, order: Order, refund: Refund) -> Sequence[WebhookRecord]:
        refund.capture_arn()
        return (self._record(order, refund, WebhookEvent.REFUND_ARN_CAPTURED),)

    def _checked(self, order: Order, request: RefundRequest) -> Decimal:
        if not order.is_paid:
            raise refund_refused(
                "invalid.order.not_successful", "INVALID_ACTION", "The order is not CHARGED"
            )
        if request.unique_request_id.casefold() in self._used_ids:
            raise _duplicate("The unique_request_id is already used")
        if len(order.refunds) >= REFUNDS_MAX:
            raise refund_refused(
                "request.exceeded", "INVALID_ACTION", f"At most {REFUNDS_MAX} refunds per order"
            )
        amount = order.refundable if request.amount is None else request.amount
        if not 0 < amount <= order.refundable:
            raise refund_refused(
                "invalid.amount.exceeded",
                "INVALID_INPUT",
                "The amount is more than what was not refunded",
            )
        if any(self._is_repeated_by(known, amount) for known in order.refunds):
            raise _duplicate("A refund of the same amount is being processed")
        return amount

    def _is_repeated_by(self, known: Refund, amount: Decimal) -> bool:
        window = timedelta(seconds=self.config.refund_duplicate_seconds)
        return (
            known.status is RefundStatus.PENDING
            and known.amount == amount
            and self.config.clock() - known.created_at < window
        )

    def _next_script(self, order: Order) -> RefundScript:
        mine = order.request.order_id.casefold()
        for entry in self._scripts:
            if entry[0] in {None, mine}:
                self._scripts.remove(entry)
                return entry[1]
        return self.config.refund_script

    def _begin(self, order: Order, refund: Refund) -> tuple[Refund, Sequence[WebhookRecord]]:
        self._used_ids.add(refund.unique_request_id.casefold())
        order.refunds.append(refund)
        if refund.script.outcome is not RefundOutcome.PENDING:
            self.background.start(self._end_later(order, refund))
        begun = (
            WebhookEvent.AUTO_REFUND_INITIATED
            if refund.is_automatic
            else WebhookEvent.REFUND_INITIATED
        )
        return refund, (self._record(order, refund, begun),)

    def _record(self, order: Order, refund: Refund, event: WebhookEvent) -> WebhookRecord:
        return self.sender.record(order, event, url=refund.webhook_url)

    async def _end_later(self, order: Order, refund: Refund) -> None:
        await self.config.pause(refund.script.seconds)
        if refund.status is RefundStatus.PENDING:
            records = self.decide(order, refund, refund.script.outcome)
            await self.sender.deliver(order, records)

    async def _capture_arn(self, order: Order, refund: Refund, seconds: float) -> None:
        await self.config.pause(seconds)
        if refund.arn is None:
            await self.sender.deliver(order, self.capture_arn(order, refund))


def _duplicate(message: str) -> Exception:
    return refund_refused("duplicate.call", "DUPLICATE_REQUEST", message)
