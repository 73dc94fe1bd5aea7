"""The alerts that staff see: kept whole, saved only if nobody changed them since."""

from collections.abc import Sequence
from typing import Final, Protocol

from domain.monitoring.alert_case import AlertCase, AlertId

ALERTS_MAX: Final = 1_000
"""More alerts than that are never read: there is one for each rule and subject."""


class AlertWrites(Protocol):
    """The unit of work's part for alerts."""

    def save(self, alert: AlertCase) -> None:
        """
        Collect *alert*, new when its version is 0.

        The unit ends in ``ChangedMeanwhile`` when it was saved since it was read, or when there is
        one for its rule and subject already.
        """
        ...


class AlertReads(Protocol):
    async def all(self) -> Sequence[AlertCase]:
        """Return every alert, those that go on first, then by their last change, the latest first."""
        ...

    async def get(self, alert: AlertId) -> AlertCase:
        """Return the alert, or raise ``NotFound``."""
        ...
