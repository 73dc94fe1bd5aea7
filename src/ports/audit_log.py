"""The audit trail: who did what to which payment, when, from where, and what it was before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.payments.payment_state import State


class Source(StrEnum):
    """Where the news came from that made a payment move."""

    INITIATE = "initiate"
    CALLBACK = "callback"
    WEBHOOK = "webhook"
    STATUS = "status"
    POLL = "poll"
    ADMIN = "admin"
    REFUND = "refund"
    """Somebody followed a refund on its way."""

    DOCUMENT = "document"
    """A tax document was issued or declared void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, as far as the door could tell; the address comes from a trusted hop only."""

    actor: str
    """``student:ID``, ``staff:ID``, ``bank`` or ``system``."""

    source: Source
    ip: str = ""
    user_agent: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the trail; *facts* are plain words and never hold personal or card data."""

    at: datetime
    origin: Origin
    action: str
    subject: str
    from_state: State | None = None
    to_state: State | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class AuditWrites(Protocol):
    """The unit of work's side: a change and its line are written together or not at all."""

    def add(self, entry: AuditEntry) -> None: ...
