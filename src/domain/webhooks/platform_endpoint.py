"""An endpoint of the platform: where it is called, about what, with which secrets, and whether it answers."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self
from urllib.parse import urlsplit

from domain.errors import DomainError
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.webhook_event import PayloadVersion

EndpointId = NewType("EndpointId", str)

ENDPOINT_ID_PREFIX: Final = "WE"
"""Followed by as many random characters as in a payment's id."""

URL_MAX: Final = 500
DESCRIPTION_MAX: Final = 100
WHY_MAX: Final = 200
ROTATION: Final = timedelta(hours=24)
"""For so long the secret before stays valid: each message then has a signature by both."""

FAILING_MAX: Final = timedelta(days=5)
"""An endpoint that has failed for so long, and never answered in between, is disabled."""

TOLD_AFTER: Final = timedelta(hours=1)
"""An endpoint that has failed for so long is worth a look."""

PAUSE_MAX: Final = timedelta(hours=1)
SECURE_PORT: Final = 443


class EndpointRefused(DomainError):
    """
    The address or the description of an endpoint cannot be taken; *fault* says why.

    *faults* are all fields that are wrong, each with the reason; none where it is not a field's.
    """

    def __init__(self, fault: str, *faults: tuple[str, str]) -> None:
        self.fault, self.faults = fault, faults
        super().__init__(f"the endpoint cannot be taken: {fault}")


class EndpointState(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"
    """It is not called; what happens meanwhile is kept for it as long as deliveries are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformEndpoint:
    """
    *types* are those that it is told; empty: all. *secret* and *previous_secret* are encrypted texts.

    The previous one is valid until *previous_until*. *failing_since* is when the first of the failures
    was that no success has followed. Until *paused_until* it is not called. Instants are UTC.
    """

    id: EndpointId
    url: str
    types: frozenset[WebhookEventType]
    secret: str = field(repr=False)
    added_at: datetime
    description: str = ""
    payload: PayloadVersion = PayloadVersion.FIRST
    state: EndpointState = EndpointState.ENABLED
    previous_secret: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    disabled_at: datetime | None = None
    why: str = ""
    version: int = 0

    def wants(self, kind: WebhookEventType) -> bool:
        return not self.types or kind in self.types

    def rotated(self, secret: str, previous: str, at: datetime) -> Self:
        """Return it with a new *secret*; the one before, *previous*, stays valid for a day."""
        return replace(self, secret=secret, previous_secret=previous, previous_until=at + ROTATION)

    def previous_is_valid(self, at: datetime) -> bool:
        return self.previous_until is not None and at < self.previous_until

    def failed(self, at: datetime, why: str, wait: timedelta | None = None) -> Self:
        """
        Return it after an attempt that failed: paused for *wait*, and disabled after days of nothing else.

        One that is disabled stays as it is.
        """
        if self.state is EndpointState.DISABLED:
            return self
        since = self.failing_since or at
        paused = self.paused_until if wait is None else at + min(wait, PAUSE_MAX)
        failing = replace(self, failing_since=since, paused_until=paused)
        return failing.disabled(at, why) if at - since >= FAILING_MAX else failing

    def disabled(self, at: datetime, why: str) -> Self:
        return replace(
            self,
            state=EndpointState.DISABLED,
            disabled_at=at,
            why=why[:WHY_MAX],
            paused_until=None,
        )

    def succeeded(self) -> Self:
        """Return it as one that answers; one that is disabled stays as it is."""
        if self.state is EndpointState.DISABLED:
            return self
        return replace(self, failing_since=None, paused_until=None)

    def enabled(self) -> Self:
        """Return it as it was before it failed."""
        return replace(
            self,
            state=EndpointState.ENABLED,
            disabled_at=None,
            why="",
            failing_since=None,
            paused_until=None,
        )

    def should_be_told(self, at: datetime) -> bool:
        """Whether it has failed for so long that people should know; that one is disabled they know already."""
        if self.state is EndpointState.DISABLED or self.failing_since is None:
            return False
        return at - self.failing_since >= TOLD_AFTER


def check_disabling(why: str) -> None:
    """Return when *why* a person disables an endpoint can be kept; raises what ``check_endpoint`` raises."""
    if fault := unprintable_reason(why, WHY_MAX):
        raise EndpointRefused(f"the reason: {fault}", ("why", fault))
    refuse_card_numbers("why", why)


def may_be_called(url: str, hosts: Collection[str]) -> bool:
    """Whether the host of *url*, alone or with its port, is one of *hosts*; any is where these are none."""
    parts, known = urlsplit(url), {each.lower() for each in hosts}
    return not known or parts.hostname in known or parts.netloc.lower() in known


def check_endpoint(
    url: str, description: str, *, public: bool, hosts: Collection[str] = frozenset()
) -> None:
    """
    Return when *url* can be called and both can be kept, or raise ``EndpointRefused`` or ``CardNumberRefused``.

    With *public* only HTTPS on its usual port is taken, and where there are *hosts* no others than these. Which
    address a name leads to is judged when it is called.
    """
    refuse_card_numbers("description", description)
    faults = []
    if wrong := _fault_of_url(url, public=public, hosts=hosts):
        faults.append(("url", wrong))
    if description and (fault := unprintable_reason(description, DESCRIPTION_MAX)):
        faults.append(("description", f"the description: {fault}"))
    if faults:
        raise EndpointRefused("; ".join(reason for _, reason in faults), *faults)


def _fault_of_url(url: str, *, public: bool, hosts: Collection[str]) -> str:
    """Return why *url* cannot be called, empty where it can."""
    if url and (fault := unprintable_reason(url, URL_MAX)):
        return f"the url: {fault}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the url cannot be read"
    rules = (
        (
            parts.scheme in ({"https"} if public else {"https", "http"}),
            "the url begins with https://",
        ),
        (parts.hostname and url.isascii(), "the url names a host, in ASCII"),
        (
            parts.username is None and not parts.fragment,
            "the url holds no password and no fragment",
        ),
        (not public or port in {None, SECURE_PORT}, f"the port is {SECURE_PORT}"),
        (may_be_called(url, hosts), "its host is none of those that may be called"),
    )
    return next((fault for holds, fault in rules if not holds), "")
