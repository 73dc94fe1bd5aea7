"""Deliver what the platform is told: each delivery is tried over three days, and an endpoint is given up after five."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from application.drain_queue import Drain
from application.retry_on_conflict import retry_on_conflict
from application.webhooks.call_endpoint import CallEndpoint
from domain.errors import NotFound
from domain.webhooks.delivery_schedule import next_attempt_at
from domain.webhooks.platform_endpoint import EndpointState, PlatformEndpoint
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import AuditEntry, Origin, Source
from ports.clock import Clock
from ports.notifications.webhook_sender import WebhookDelayed, WebhookGone, WebhookRefused
from ports.unit_of_work import UnitOfWork, Work
from ports.webhooks.platform_endpoints import PlatformEndpoints
from ports.webhooks.webhook_deliveries import Delivery, WebhookDeliveries

log = logging.getLogger(__name__)

BATCH_MAX: Final = 32
LEASE: Final = timedelta(minutes=1)
"""Longer than a call may last, with all the waiting for the database around it."""

BY_WORKER: Final = Origin(actor="system", source=Source.PLATFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayWebhooks:
    """*jitter* returns one of ``JITTER_STEPS``, from 0 on."""

    deliveries: WebhookDeliveries
    endpoints: PlatformEndpoints
    unit_of_work: UnitOfWork
    call: CallEndpoint
    alerts: Alerts
    clock: Clock
    jitter: Callable[[], int]

    async def __call__(self) -> int:
        """Deliver one batch of what is due concurrently, and return how many there were."""
        drain = Drain(
            queue=self.deliveries,
            name="webhooks",
            work_off=self._work_off,
            put_back=self._put_back,
            about=lambda entry: {"entry": entry.id, "payment": entry.event.payment},
        )
        return await drain(self.clock.now(), lease=LEASE, at_most=BATCH_MAX)

    async def _work_off(self, entry: Delivery) -> None:
        try:
            endpoint = await self.endpoints.get(entry.endpoint)
        except NotFound:
            # It was removed since, with all that was to be delivered to it.
            return
        began = self.clock.now()
        trouble: WebhookDelayed | WebhookRefused | None = None
        try:
            await self.call(endpoint, entry.event)
        except (WebhookDelayed, WebhookRefused) as error:
            trouble = error
        took = (self.clock.now() - began) // timedelta(milliseconds=1)
        timed = replace(entry, took_ms=took)
        if trouble is None:
            await retry_on_conflict(lambda: self._delivered(timed))
        else:
            await self._failed(timed, trouble)

    async def _delivered(self, entry: Delivery) -> None:
        endpoint = await self.endpoints.get(entry.endpoint)
        async with self.unit_of_work() as work:
            work.webhooks.deliveries.complete(entry, self.clock.now())
            if (answering := endpoint.succeeded()) != endpoint:
                work.webhooks.endpoints.save(answering)

    async def _failed(self, entry: Delivery, trouble: WebhookDelayed | WebhookRefused) -> None:
        log.warning("webhook.not_delivered", extra={"entry": entry.id, "reason": str(trouble)})
        before, after = await retry_on_conflict(lambda: self._record(entry, trouble))
        if before.state is not after.state:
            log.error("webhook.endpoint_disabled", extra={"entry": entry.id})
            await self._tell(AlertKind.WEBHOOK_DISABLED, after)
        elif after.should_be_told(self.clock.now()):
            await self._tell(AlertKind.WEBHOOK_FAILING, after)

    async def _record(
        self, entry: Delivery, trouble: WebhookDelayed | WebhookRefused
    ) -> tuple[PlatformEndpoint, PlatformEndpoint]:
        """Return the endpoint before the failed attempt and after it."""
        before, at = await self.endpoints.get(entry.endpoint), self.clock.now()
        wait = trouble.wait if isinstance(trouble, WebhookDelayed) else None
        after = before.failed(at, str(trouble), wait)
        if isinstance(trouble, WebhookGone) and after.state is EndpointState.ENABLED:
            after = after.disabled(at, str(trouble))
        async with self.unit_of_work() as work:
            self._put_back_in(work, entry, str(trouble))
            if after != before:
                work.webhooks.endpoints.save(after)
            if after.state is not before.state:
                work.audit.add(
                    AuditEntry(
                        at=at,
                        origin=BY_WORKER,
                        action="webhook_endpoint.disabled",
                        subject=after.id,
                        facts={"why": after.why},
                    )
                )
        return before, after

    async def _put_back(self, entry: Delivery, why: str) -> None:
        async with self.unit_of_work() as work:
            self._put_back_in(work, entry, why)

    def _put_back_in(self, work: Work, entry: Delivery, why: str) -> None:
        at = self.clock.now()
        due_at = next_attempt_at(entry.attempts, at, self.jitter())
        if due_at is None:
            log.error("webhook.delivery_dead", extra={"entry": entry.id})
            work.webhooks.deliveries.bury(entry, at, why=why)
        else:
            work.webhooks.deliveries.reschedule(entry, due_at=due_at, why=why)

    async def _tell(self, kind: AlertKind, endpoint: PlatformEndpoint) -> None:
        facts = {"reason": endpoint.why} if endpoint.why else {}
        await self.alerts.call(Alert(kind=kind, subject=endpoint.id, facts=facts))
