"""Alerts that use cases raised: kept by kind and subject, so that they can be judged, told once, and seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ports.alerts import Alert, AlertKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedAlert:
    """*last_at* is when it was raised last (UTC), *times* how often."""

    kind: AlertKind
    subject: str
    last_at: datetime
    times: int


class RaisedAlerts(Protocol):
    async def keep(self, alert: Alert, at: datetime) -> None:
        """Remember that *alert* was raised at the instant *at* (UTC). Raises ``StorageUnavailable``."""
        ...

    async def since(self, at: datetime) -> Sequence[RaisedAlert]:
        """Return what was raised at *at* (UTC) or later, by kind and subject; at most 1000 of them."""
        ...
