"""The audit log: who did what to which payment, when, from where, and from which state to which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.payments.payment_state import State


class Source(StrEnum):
    """By which way the request or the news came that the entry is about."""

    INITIATE = "initiate"
    CALLBACK = "callback"
    WEBHOOK = "webhook"
    STATUS = "status"
    POLL = "poll"
    ADMIN = "admin"
    REFUND = "refund"
    """Polling of a refund."""

    SIGN_IN = "sign_in"
    """A person, or a command, ended browser sessions."""

    DOCUMENT = "document"
    """A tax document was issued, filed or cancelled."""

    MONITORING = "monitoring"
    """The job judged alerts."""

    PLATFORM = "platform"
    """The platform was told, or could not be."""

    ARCHIVE = "archive"
    """The job archived a month of the audit log."""

    RECONCILIATION = "reconciliation"
    """The job fetched settlement files, or asked for a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, as far as the entry point can tell; *ip* comes from a trusted proxy or the connection."""

    actor: str
    """``student:ID``, ``staff:ID``, ``bank`` or ``system``."""

    source: Source
    ip: str = ""
    user_agent: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry, at the instant *at* (UTC); *facts* never hold personal or card data."""

    at: datetime
    origin: Origin
    action: str
    subject: str
    from_state: State | None = None
    to_state: State | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class AuditWrites(Protocol):
    """The unit of work's part that writes the audit log: a change and its entry are written together."""

    def add(self, entry: AuditEntry) -> None:
        """Collect one entry."""
        ...


class AuditReads(Protocol):
    async def about(self, subject: str, *, at_most: int) -> Sequence[AuditEntry]:
        """Return up to *at_most* entries about *subject*, the newest first."""
        ...
