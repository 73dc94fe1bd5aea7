"""
Send webhooks to the merchant, and retry until the answer is 200.

SmartGateway publishes no retry schedule; this one is documented for a UPI product of the same vendor, Juspay:
16 retries over about a day. ``webhook_retry_scale`` shortens it for tests.
"""

import asyncio
import hmac
import secrets
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import httpx

from entrypoints.simulator.background import Background
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import FaultKind, FaultSchedule
from entrypoints.simulator.faults.settlement_faults import SettlementFault
from entrypoints.simulator.faults.tampering import EventTampering, tampered_body
from entrypoints.simulator.orders.disputes import Dispute
from entrypoints.simulator.orders.order import Attempt, Order
from entrypoints.simulator.orders.response_bodies import (
    dispute_body,
    order_body,
    transaction_body,
)
from entrypoints.simulator.orders.webhook_records import (
    HTTP_OK,
    Delivery,
    WebhookEvent,
    WebhookRecord,
)
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
# The client's pool slows down with the square of the requests that queue for it, so the rest of a burst waits for
# a semaphore instead.
AT_ONCE_MAX: Final = 16
TRANSACTION_EVENTS: Final = frozenset({WebhookEvent.TXN_CHARGED, WebhookEvent.TXN_FAILED})
FORGED_CREDENTIALS: Final = {
    "Authorization": f"Basic {b64encode(b'simhook:not-the-password').decode('ascii')}"
}
PERSONAL_FIELDS: Final = ("customer_email", "customer_phone", "payer_vpa", "card", "upi")


def new_client(
    config: SimulatorConfig, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return the client that calls the merchant, through *transport* where one is given."""
    pair = f"{config.webhook_user}:{config.webhook_password}".encode()
    headers = httpx.Headers(list(config.webhook_headers))
    headers["Authorization"] = f"Basic {b64encode(pair).decode('ascii')}"
    headers["Content-Type"] = "application/json"
    return httpx.AsyncClient(
        headers=headers,
        timeout=config.webhook_timeout_seconds,
        limits=httpx.Limits(max_connections=AT_ONCE_MAX, max_keepalive_connections=AT_ONCE_MAX),
        trust_env=False,
        verify=_trusted_authorities(),
        transport=transport,
    )


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """To read whose certificates count takes longer than most of what a test asks of a simulator."""
    return httpx.create_ssl_context(trust_env=False)


def signature_header(body: bytes, config: SimulatorConfig) -> dict[str, str]:
    """Return the header with the signature of *body*, where one is configured."""
    if config.webhook_signature is None:
        return {}
    name, secret = config.webhook_signature
    return {name: hmac.new(secret.encode(), body, "sha256").hexdigest()}


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent to the merchant; *headers* replace the configured ones."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class WebhookSender:
    config: SimulatorConfig
    background: Background
    client: httpx.AsyncClient = field(repr=False)
    schedule: FaultSchedule
    _connections: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX))

    def record(
        self,
        order: Order,
        event: WebhookEvent,
        attempt: Attempt | None = None,
        *,
        dispute: Dispute | None = None,
        url: str | None = None,
    ) -> WebhookRecord:
        """
        Record *event* with the order's present facts; nothing is sent yet.

        Events of a transaction are about an *attempt*, those of a chargeback about a *dispute*. A *url*
        given here wins over the order's.
        """
        if dispute is not None:
            kind, content = "chargeback", dispute_body(order, dispute)
        elif attempt is not None and event in TRANSACTION_EVENTS:
            kind, content = "txn", transaction_body(order, attempt, self.config)
        else:
            kind, content = "order", order_body(order, self.config)
        if self.config.webhook_filtered:
            content |= {name: "FILTERED" for name in PERSONAL_FIELDS if name in content}
        event_id = f"evt_V2_{secrets.token_hex(16)}"
        envelope: JsonObject = {
            "id": event_id,
            "event_name": event,
            "date_created": instant(self.config.clock()),
            "content": {kind: content},
        }
        url = url or order.request.webhook_url or self.config.webhook_url
        number = len(order.records) + 1
        record = WebhookRecord(
            id=event_id, event=event, number=number, body=json_bytes(envelope), url=url
        )
        record.is_overtaken = self._injects(FaultKind.WEBHOOK_REORDER, order, record)
        order.records.append(record)
        return record

    async def deliver(self, order: Order, records: Iterable[WebhookRecord]) -> None:
        """Make the first try of each webhook, in order; those that are not acknowledged are retried later."""
        order.undelivered.extend(records)
        await self._deliver(order)

    def deliver_soon(self, order: Order, records: Iterable[WebhookRecord]) -> None:
        # They are queued at once, so that later webhooks of the order are sent after these.
        order.undelivered.extend(records)
        self.background.start(self._deliver(order))

    async def resend(self, records: Sequence[WebhookRecord], copies: int) -> None:
        """Send *copies* of each webhook at once, acknowledged or not."""
        await asyncio.gather(
            *(
                self._try(record, record.url)
                for record in records
                for _ in range(copies)
                if record.url
            )
        )

    async def _deliver(self, order: Order) -> None:
        async with order.delivery_lock:
            while order.undelivered:
                record = self._next(order.undelivered)
                if record.url:
                    await self._first_try(order, record, record.url)

    @staticmethod
    def _next(undelivered: deque[WebhookRecord]) -> WebhookRecord:
        record = undelivered.popleft()
        if not record.is_overtaken or not undelivered:
            return record
        passing = undelivered.popleft()
        record.is_overtaken = passing.is_overtaken = False
        undelivered.appendleft(record)
        return passing

    async def _first_try(self, order: Order, record: WebhookRecord, url: str) -> None:
        """Make the first try of *record* with the faults of the schedule; retries have none."""
        unsold = self.schedule.draws(SettlementFault.LINE_UNSOLD, order.request.order_id, "payment")
        if unsold or self._injects(FaultKind.WEBHOOK_DROP, order, record):
            lost = Delivery(at=self.config.clock(), status_code=None, error="dropped on purpose")
            record.deliveries.append(lost)
            return
        body = self._body(order, record)
        copies = 2 if self._injects(FaultKind.WEBHOOK_DUPLICATE, order, record) else 1
        if self._injects(FaultKind.WEBHOOK_DELAY, order, record):
            part = self.schedule.part(
                FaultKind.WEBHOOK_DELAY, order.request.order_id, str(record.number)
            )
            seconds = part * self.schedule.rates.webhook_delay_seconds
            self.background.start(self._send(record, url, body, copies, seconds))
        else:
            await self._send(record, url, body, copies)

    async def _send(
        self, record: WebhookRecord, url: str, body: Sent, copies: int, after_seconds: float = 0
    ) -> None:
        if after_seconds:
            await self.config.pause(after_seconds)
        if copies == 1:
            taken = await self._try(record, url, body)
        else:
            tries = (self._try(record, url, body) for _ in range(copies))
            taken = any(await asyncio.gather(*tries))
        if not taken:
            self.background.start(self._retry(record, url))

    def _body(self, order: Order, record: WebhookRecord) -> Sent:
        if not self._injects(FaultKind.WEBHOOK_TAMPER, order, record):
            return Sent(record.body)
        part = self.schedule.part(
            FaultKind.WEBHOOK_TAMPER, order.request.order_id, str(record.number)
        )
        how = list(EventTampering)[int(part * len(EventTampering))]
        if how is EventTampering.CREDENTIALS:
            return Sent(record.body, headers=FORGED_CREDENTIALS)
        return Sent(tampered_body(record.body, how))

    def _injects(self, kind: FaultKind, order: Order, record: WebhookRecord) -> bool:
        return self.schedule.injects(kind, order.request.order_id, str(record.number))

    async def _retry(self, record: WebhookRecord, url: str) -> None:
        for seconds in RETRY_PAUSES_SECONDS:
            await self.config.pause(seconds * self.config.webhook_retry_scale)
            if record.acknowledged or await self._try(record, url):
                return

    async def _try(self, record: WebhookRecord, url: str, sent: Sent | None = None) -> bool:
        sent = sent or Sent(record.body)
        async with self._connections:
            at = self.config.clock()
            try:
                answer = await self.client.post(
                    url,
                    content=sent.body,
                    # A forger has no key: the signature stays that of the original body.
                    headers={**signature_header(record.body, self.config), **sent.headers},
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                lost = Delivery(at=at, status_code=None, error=type(error).__name__)
                record.deliveries.append(lost)
                return False
        record.deliveries.append(Delivery(at=at, status_code=answer.status_code))
        return answer.status_code == HTTP_OK
