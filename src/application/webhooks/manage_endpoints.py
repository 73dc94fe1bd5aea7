"""Endpoints of the platform are added, rotated, disabled, replayed and removed: each act in the audit log."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from application.retry_on_conflict import retry_on_conflict
from application.webhooks.call_endpoint import CallEndpoint, secret_location
from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import (
    EndpointId,
    EndpointRefused,
    PlatformEndpoint,
    check_disabling,
    check_endpoint,
)
from domain.webhooks.webhook_event import WebhookEvent
from ports.audit_log import AuditEntry, Origin
from ports.cipher import Cipher, EncryptedText
from ports.clock import Clock
from ports.notifications.webhook_sender import WebhookDelayed, WebhookRefused
from ports.unit_of_work import UnitOfWork, Work
from ports.webhooks.platform_endpoints import ENDPOINTS_MAX, PlatformEndpoints
from ports.webhooks.webhook_deliveries import WebhookDeliveries

NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})
REPLAY_MAX: Final = timedelta(days=30)
"""Deliveries are kept for so long."""


class ReplayRefused(DomainError):
    """The time whose deliveries are to be sent again is empty, or longer than deliveries are kept."""

    def __init__(self) -> None:
        super().__init__(f"a replay is of at most {REPLAY_MAX.days} days, and ends after it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """*types* are those that it is told; none: all, those of later releases too."""

    url: str
    types: frozenset[WebhookEventType]
    description: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointWithSecret:
    """The *secret* is shown once, and never again."""

    endpoint: PlatformEndpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedEndpoint:
    """What came of a call to *endpoint*; *why* it was not taken, empty when it was."""

    endpoint: PlatformEndpoint
    event_id: str
    took_ms: int
    why: str

    @property
    def taken(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageEndpoints:
    """With *public* only what is on the public internet, by HTTPS, is added; no host that *call* refuses ever is."""

    endpoints: PlatformEndpoints
    deliveries: WebhookDeliveries
    unit_of_work: UnitOfWork
    cipher: Cipher
    call: CallEndpoint
    clock: Clock
    new_id: Callable[[], EndpointId]
    new_secret: Callable[[], str]
    public: bool

    async def add(self, new: NewEndpoint) -> EndpointWithSecret:
        """Return the endpoint and its secret. Raises ``EndpointRefused`` and ``CardNumberRefused``."""
        check_endpoint(new.url, new.description, public=self.public, hosts=self.call.hosts)
        known = await self.endpoints.all()
        if len(known) >= ENDPOINTS_MAX:
            raise EndpointRefused(f"there are {ENDPOINTS_MAX} already")
        if any(each.url == new.url for each in known):
            fault = "there is one with this url already"
            raise EndpointRefused(fault, ("url", fault))
        endpoint_id, secret, at = self.new_id(), self.new_secret(), self.clock.now()
        endpoint = PlatformEndpoint(
            id=endpoint_id,
            url=new.url,
            types=new.types,
            secret=self.cipher.encrypt(secret, secret_location(endpoint_id)),
            added_at=at,
            description=new.description,
        )
        async with self.unit_of_work() as work:
            work.webhooks.endpoints.save(endpoint)
            facts = {"url": new.url, "types": _listed(new.types)}
            _audit(work, "webhook_endpoint.added", endpoint_id, facts, origin=new.origin, at=at)
        return EndpointWithSecret(endpoint=endpoint, secret=secret)

    async def rotate(self, endpoint: EndpointId, origin: Origin) -> EndpointWithSecret:
        """Return it with a new secret; the one before stays valid for a day. Raises ``NotFound``."""
        secret = self.new_secret()

        async def unit() -> PlatformEndpoint:
            before, at = await self.endpoints.get(endpoint), self.clock.now()
            old = self.cipher.decrypt(EncryptedText(before.secret), secret_location(endpoint))
            rotated = before.rotated(
                self.cipher.encrypt(secret, secret_location(endpoint)),
                self.cipher.encrypt(old, secret_location(endpoint, "previous_secret")),
                at,
            )
            return await self._save(rotated, "webhook_endpoint.rotated", origin, at)

        return EndpointWithSecret(endpoint=await retry_on_conflict(unit), secret=secret)

    async def enable(self, endpoint: EndpointId, origin: Origin) -> PlatformEndpoint:
        """Return it enabled: what has happened meanwhile is delivered now. Raises ``NotFound``."""

        async def unit() -> PlatformEndpoint:
            before, at = await self.endpoints.get(endpoint), self.clock.now()
            return await self._save(before.enabled(), "webhook_endpoint.enabled", origin, at)

        return await retry_on_conflict(unit)

    async def disable(self, endpoint: EndpointId, why: str, origin: Origin) -> PlatformEndpoint:
        """
        Return it disabled: what happens from now on waits until it is enabled, for as long as deliveries are kept.

        Raises ``NotFound``, and ``EndpointRefused`` or ``CardNumberRefused`` for a reason that cannot be kept.
        """
        check_disabling(why)

        async def unit() -> PlatformEndpoint:
            before, at = await self.endpoints.get(endpoint), self.clock.now()
            disabled = before.disabled(at, why)
            facts = {"why": why}
            return await self._save(disabled, "webhook_endpoint.disabled", origin, at, facts)

        return await retry_on_conflict(unit)

    async def remove(self, endpoint: EndpointId, origin: Origin) -> None:
        """Remove it, and all that was delivered or waits to be. Raises ``NotFound``."""

        async def unit() -> None:
            before, at = await self.endpoints.get(endpoint), self.clock.now()
            async with self.unit_of_work() as work:
                work.webhooks.endpoints.remove(before)
                facts = {"url": before.url}
                _audit(work, "webhook_endpoint.removed", endpoint, facts, origin=origin, at=at)

        await retry_on_conflict(unit)

    async def replay(
        self, endpoint: EndpointId, since: datetime, until: datetime, origin: Origin
    ) -> int:
        """
        Send again, under their ids, all ended deliveries of facts from *since* until before *until* (UTC).

        Returns how many there are. Raises ``NotFound`` and ``ReplayRefused``.
        """
        if not timedelta(0) < until - since <= REPLAY_MAX:
            raise ReplayRefused
        at = self.clock.now()
        await self.endpoints.get(endpoint)
        ended = await self.deliveries.ended(endpoint, since=since, until=until)
        async with self.unit_of_work() as work:
            work.webhooks.deliveries.replay(endpoint, since=since, until=until, at=at)
            facts = {
                "since": since.isoformat(),
                "until": until.isoformat(),
                "deliveries": str(ended),
            }
            _audit(work, "webhook_endpoint.replayed", endpoint, facts, origin=origin, at=at)
        return ended

    async def test(self, endpoint: EndpointId, origin: Origin) -> TestedEndpoint:
        """Call it once, now, about a made-up event, and return what came of it. Raises ``NotFound``."""
        found, began = await self.endpoints.get(endpoint), self.clock.now()
        event = WebhookEvent(
            type=WebhookEventType.ENDPOINT_TEST,
            payment=PaymentId(endpoint),
            subject=began.isoformat(),
            sequence=1,
            at=began,
            data={"endpoint_id": endpoint},
        )
        why = ""
        try:
            await self.call(found, event)
        except (WebhookDelayed, WebhookRefused) as error:
            why = str(error)
        async with self.unit_of_work() as work:
            facts = {"why": why} if why else {}
            _audit(work, "webhook_endpoint.tested", endpoint, facts, origin=origin, at=began)
        took = (self.clock.now() - began) // timedelta(milliseconds=1)
        return TestedEndpoint(endpoint=found, event_id=event.id, took_ms=took, why=why)

    async def _save(
        self,
        endpoint: PlatformEndpoint,
        action: str,
        origin: Origin,
        at: datetime,
        facts: Mapping[str, str] = NO_FACTS,
    ) -> PlatformEndpoint:
        async with self.unit_of_work() as work:
            work.webhooks.endpoints.save(endpoint)
            _audit(work, action, endpoint.id, facts, origin=origin, at=at)
        return endpoint


def _listed(types: Iterable[WebhookEventType]) -> str:
    return " ".join(sorted(types)) or "all"


def _audit(
    work: Work,
    action: str,
    endpoint: EndpointId,
    facts: Mapping[str, str],
    *,
    origin: Origin,
    at: datetime,
) -> None:
    work.audit.add(AuditEntry(at=at, origin=origin, action=action, subject=endpoint, facts=facts))
