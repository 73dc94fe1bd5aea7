"""One served fake gateway: its state, the events that it sends, and how refunds end."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import httpx

from adapters.fake.gateway import FakeGateway
from adapters.fake.orders import FakeOrder
from adapters.fake.script import Outcome
from domain.identifiers import PaymentId, RefundId
from domain.payments.order_facts import OrderFacts, RefundVerdict, Verdict
from ports.payments.payment_gateway import RefundOrder

DELIVERY_SECONDS_MAX: Final = 5
TRIES: Final = 5
RETRY_AFTER_SECONDS: Final = 0.5
EVENTS: Final = {
    Outcome.SUCCESS: ("TXN_CREATED", "TXN_CHARGED", "ORDER_SUCCEEDED"),
    Outcome.FAILURE: ("TXN_CREATED", "TXN_FAILED", "ORDER_FAILED"),
    Outcome.PENDING: ("TXN_CREATED",),
    Outcome.ABANDON: (),
}
REFUND_EVENTS: Final = {
    RefundVerdict.PAID: "ORDER_REFUNDED",
    RefundVerdict.FAILED: "ORDER_REFUND_FAILED",
}
ENDED: Final = frozenset({RefundVerdict.PAID, RefundVerdict.FAILED})


@dataclass(slots=True)
class SentEvent:
    """One event about an order, and the status code of each delivery, or the kind of its error."""

    name: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    delivered: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NextRefund:
    """How one of the next refunds ends, of *payment* or of any; *error* is set for a failure."""

    verdict: RefundVerdict
    error: str = ""
    has_arn: bool = True
    payment: PaymentId | None = None


@dataclass(slots=True, kw_only=True)
class ServedBank:
    """
    The fake gateway with what a bank does by itself: it sends events to *webhook_url*, in order for each attempt.

    The payer returns to *callback_url*. Refunds are paid at once, with their ARN, unless ``next_refunds`` says
    otherwise. *pause* waits before an event is sent again that nobody took.
    """

    gateway: FakeGateway
    callback_url: str
    webhook_url: str
    client: httpx.AsyncClient = field(repr=False)
    pause: Callable[[float], Coroutine[object, object, None]] = asyncio.sleep
    sent: dict[PaymentId, list[SentEvent]] = field(default_factory=dict)
    next_refunds: deque[NextRefund] = field(default_factory=deque)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def pay(self, payment: PaymentId, outcome: Outcome) -> Sequence[SentEvent]:
        """Act as the payer, and return the events to send; raise ``ValueError`` when the order is paid."""
        self.gateway.pay(payment, outcome)
        return [self._event(payment, name) for name in EVENTS[outcome]]

    def return_url(self, payment: PaymentId) -> str:
        return f"{self.callback_url}?{urlencode(self.gateway.return_fields(payment))}"

    async def refund(self, order: RefundOrder) -> OrderFacts:
        """Refund as planned; an event tells of a refund that has ended."""
        planned = self._planned_for(order.payment)
        self.gateway.refunds_end(planned.verdict)
        facts = await self.gateway.refund(order)
        if planned.verdict is RefundVerdict.PENDING:
            return facts
        self.end_refund(order.payment, order.refund, planned)
        return self.gateway.orders[order.payment].answer

    def end_refund(self, payment: PaymentId, refund: RefundId, how: NextRefund) -> None:
        """Move the refund, and send the event of its end meanwhile."""
        arn = f"7453{self._count():08d}" if how.has_arn and how.verdict in ENDED else ""
        self.gateway.move_refund(
            payment,
            refund,
            how.verdict,
            arn=arn if how.verdict is RefundVerdict.PAID else "",
            error=how.error,
        )

    def events_of_refund(self, payment: PaymentId, verdict: RefundVerdict) -> Sequence[SentEvent]:
        name = REFUND_EVENTS.get(verdict)
        return [self._event(payment, name)] if name else []

    def is_pending(self, order: FakeOrder) -> bool:
        return order.facts.verdict is Verdict.IN_PROGRESS

    async def deliver(self, events: Sequence[SentEvent]) -> None:
        """Try each event once, in order; those that nobody took are tried again meanwhile."""
        for each in events:
            if not await self._take(each):
                self.start(self._again(each))

    async def resend(self, events: Sequence[SentEvent], copies: int) -> Counter[str]:
        """Send *copies* of each, all at once, and return the counted status codes."""
        before = {id(each): len(each.delivered) for each in events}
        await asyncio.gather(*(self._take(each) for each in events for _ in range(copies)))
        return Counter(code for each in events for code in each.delivered[before[id(each)] :])

    def start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.client.aclose()

    def _planned_for(self, payment: PaymentId) -> NextRefund:
        for planned in self.next_refunds:
            if planned.payment in {None, payment}:
                self.next_refunds.remove(planned)
                return planned
        return NextRefund(RefundVerdict.PAID)

    def _event(self, payment: PaymentId, name: str) -> SentEvent:
        headers, body = self.gateway.event(payment, name)
        event = SentEvent(name, headers, body)
        self.sent.setdefault(payment, []).append(event)
        return event

    def _count(self) -> int:
        return sum(len(order.refunds.known) for order in self.gateway.orders.values())

    async def _take(self, event: SentEvent) -> bool:
        try:
            answer = await self.client.post(
                self.webhook_url,
                content=event.body,
                headers={**event.headers, "content-type": "application/json"},
            )
        except httpx.TransportError as error:
            event.delivered.append(type(error).__name__)
            return False
        event.delivered.append(str(answer.status_code))
        return answer.is_success

    async def _again(self, event: SentEvent) -> None:
        for number in range(1, TRIES):
            await self.pause(RETRY_AFTER_SECONDS * 2**number)
            if await self._take(event):
                return


def new_client() -> httpx.AsyncClient:
    # To our own callback address, and nothing secret: no certificate is worth reading the authorities for.
    return httpx.AsyncClient(timeout=DELIVERY_SECONDS_MAX, trust_env=False, verify=False)  # noqa: S501 - see above
