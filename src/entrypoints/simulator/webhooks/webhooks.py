"""
Tell the merchant what happened, again and again until a plain 200 comes back.

SmartGateway publishes no schedule; the table is the one of a sibling product (protocol page, section 6.2):
16 retries over about a day. ``webhook_retry_scale`` shrinks it for tests.
"""

import asyncio
import hmac
import secrets
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

from entrypoints.simulator.background import Background
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import FaultSchedule, Kind
from entrypoints.simulator.faults.tampering import EventTampering, tampered_body
from entrypoints.simulator.orders.bodies import order_body, transaction_body
from entrypoints.simulator.orders.notices import HTTP_OK, Delivery, Event, Notice
from entrypoints.simulator.orders.orders import Attempt, Order
from entrypoints.simulator.wire import JsonObject, instant, json_bytes

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
RETRY_PAUSES_SECONDS: Final = (
    MINUTE,
    *[5 * MINUTE] * 2,
    *[10 * MINUTE] * 5,
    *[HOUR] * 5,
    *[6 * HOUR] * 3,
)
# Tries at once. The client's pool slows down with the square of the calls that queue for it, so the rest of a
# burst waits here instead.
AT_ONCE_MAX: Final = 16
TRANSACTION_EVENTS: Final = frozenset({Event.TXN_CHARGED, Event.TXN_FAILED})
FORGED_CREDENTIALS: Final = {
    "Authorization": f"Basic {b64encode(b'simhook:not-the-password').decode('ascii')}"
}
PERSONAL_FIELDS: Final = ("customer_email", "customer_phone", "payer_vpa", "card", "upi")


def new_client(config: SimulatorConfig) -> httpx.AsyncClient:
    pair = f"{config.webhook_user}:{config.webhook_password}".encode()
    headers = httpx.Headers(list(config.webhook_headers))
    headers["Authorization"] = f"Basic {b64encode(pair).decode('ascii')}"
    headers["Content-Type"] = "application/json"
    return httpx.AsyncClient(
        headers=headers,
        timeout=config.webhook_timeout_seconds,
        limits=httpx.Limits(max_connections=AT_ONCE_MAX, max_keepalive_connections=AT_ONCE_MAX),
        trust_env=False,
    )


def sealed(body: bytes, config: SimulatorConfig) -> dict[str, str]:
    """Return the header that signs *body*, where the merchant asked for one."""
    if config.webhook_signature is None:
        return {}
    name, secret = config.webhook_signature
    return {name: hmac.new(secret.encode(), body, "sha256").hexdigest()}


@dataclass(frozen=True, slots=True)
class Sent:
    """What leaves for the merchant; *headers* stand in place of the agreed ones."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class WebhookSender:
    config: SimulatorConfig
    background: Background
    client: httpx.AsyncClient = field(repr=False)
    schedule: FaultSchedule
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX))

    def note(
        self, order: Order, event: Event, attempt: Attempt | None = None, *, url: str | None = None
    ) -> Notice:
        """
        Write down *event* with the facts as they are now; nothing is sent yet.

        The events of a transaction are about an *attempt*; a *url* of their own wins over the order's.
        """
        if attempt is not None and event in TRANSACTION_EVENTS:
            kind, content = "txn", transaction_body(order, attempt, self.config)
        else:
            kind, content = "order", order_body(order, self.config)
        if self.config.webhook_filtered:
            content |= {name: "FILTERED" for name in PERSONAL_FIELDS if name in content}
        notice_id = f"evt_V2_{secrets.token_hex(16)}"
        envelope: JsonObject = {
            "id": notice_id,
            "event_name": event,
            "date_created": instant(self.config.clock()),
            "content": {kind: content},
        }
        url = url or order.request.webhook_url or self.config.webhook_url
        number = len(order.notices) + 1
        notice = Notice(
            id=notice_id, event=event, number=number, body=json_bytes(envelope), url=url
        )
        notice.lets_pass = self._strikes(Kind.WEBHOOK_REORDER, order, notice)
        order.notices.append(notice)
        return notice

    async def deliver(self, order: Order, notices: Iterable[Notice]) -> None:
        """Make the first try of each notice, in order; what is not acknowledged is chased later."""
        order.untold.extend(notices)
        await self._tell(order)

    def deliver_soon(self, order: Order, notices: Iterable[Notice]) -> None:
        # In line from now on: what happens next to the order is told after this.
        order.untold.extend(notices)
        self.background.start(self._tell(order))

    async def resend(self, notices: Sequence[Notice], copies: int) -> None:
        """Send *copies* of each notice at once, acknowledged or not."""
        await asyncio.gather(
            *(
                self._try(notice, notice.url)
                for notice in notices
                for _ in range(copies)
                if notice.url
            )
        )

    async def _tell(self, order: Order) -> None:
        async with order.delivery_turn:
            while order.untold:
                notice = self._next(order.untold)
                if notice.url:
                    await self._first_try(order, notice, notice.url)

    @staticmethod
    def _next(untold: deque[Notice]) -> Notice:
        notice = untold.popleft()
        if not notice.lets_pass or not untold:
            return notice
        passing = untold.popleft()
        notice.lets_pass = passing.lets_pass = False
        untold.appendleft(notice)
        return passing

    async def _first_try(self, order: Order, notice: Notice, url: str) -> None:
        """Deliver *notice* as the schedule lets it; what is tried again afterwards is whole."""
        if self._strikes(Kind.WEBHOOK_DROP, order, notice):
            lost = Delivery(at=self.config.clock(), status_code=None, error="dropped on purpose")
            notice.deliveries.append(lost)
            return
        body = self._body(order, notice)
        copies = 2 if self._strikes(Kind.WEBHOOK_DUPLICATE, order, notice) else 1
        if self._strikes(Kind.WEBHOOK_DELAY, order, notice):
            part = self.schedule.part(
                Kind.WEBHOOK_DELAY, order.request.order_id, str(notice.number)
            )
            seconds = part * self.schedule.rates.webhook_delay_seconds
            self.background.start(self._send(notice, url, body, copies, seconds))
        else:
            await self._send(notice, url, body, copies)

    async def _send(
        self, notice: Notice, url: str, body: Sent, copies: int, after_seconds: float = 0
    ) -> None:
        if after_seconds:
            await self.config.pause(after_seconds)
        if copies == 1:
            taken = await self._try(notice, url, body)
        else:
            tries = (self._try(notice, url, body) for _ in range(copies))
            taken = any(await asyncio.gather(*tries))
        if not taken:
            self.background.start(self._chase(notice, url))

    def _body(self, order: Order, notice: Notice) -> Sent:
        if not self._strikes(Kind.WEBHOOK_TAMPER, order, notice):
            return Sent(notice.body)
        part = self.schedule.part(Kind.WEBHOOK_TAMPER, order.request.order_id, str(notice.number))
        how = list(EventTampering)[int(part * len(EventTampering))]
        if how is EventTampering.CREDENTIALS:
            return Sent(notice.body, headers=FORGED_CREDENTIALS)
        return Sent(tampered_body(notice.body, how))

    def _strikes(self, kind: Kind, order: Order, notice: Notice) -> bool:
        return self.schedule.strikes(kind, order.request.order_id, str(notice.number))

    async def _chase(self, notice: Notice, url: str) -> None:
        for seconds in RETRY_PAUSES_SECONDS:
            await self.config.pause(seconds * self.config.webhook_retry_scale)
            if notice.acknowledged or await self._try(notice, url):
                return

    async def _try(self, notice: Notice, url: str, sent: Sent | None = None) -> bool:
        sent = sent or Sent(notice.body)
        async with self._turns:
            at = self.config.clock()
            try:
                answer = await self.client.post(
                    url,
                    content=sent.body,
                    # Whoever tampers has no key: the signature stays that of what was written.
                    headers={**sealed(notice.body, self.config), **sent.headers},
                )
            except (httpx.HTTPError, httpx.InvalidURL) as trouble:
                lost = Delivery(at=at, status_code=None, error=type(trouble).__name__)
                notice.deliveries.append(lost)
                return False
        notice.deliveries.append(Delivery(at=at, status_code=answer.status_code))
        return answer.status_code == HTTP_OK
