"""Check the invariants of the money over everything that is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from ports.alerts import Alert, AlertKind, Alerts
from ports.clock import Clock
from ports.monitoring.money_invariants import Breach, MoneyInvariants


@dataclass(frozen=True, slots=True)
class CheckInvariants:
    invariants: MoneyInvariants
    clock: Clock

    async def __call__(self) -> Sequence[Breach]:
        """Return every invariant that does not hold now; raises ``StorageUnavailable``."""
        return await self.invariants.breaches(self.clock.now())


@dataclass(frozen=True, slots=True)
class WatchInvariants:
    check: CheckInvariants
    alerts: Alerts

    async def __call__(self) -> int:
        """Send an alert for each invariant that does not hold; return 0, since there is nothing left to do."""
        for breach in await self.check():
            told = {
                "reason": breach.invariant.means,
                "count": str(breach.count),
                "entry": " ".join(breach.subjects),
            }
            await self.alerts.call(
                Alert(kind=AlertKind.INVARIANT_BROKEN, subject=breach.invariant.name, facts=told)
            )
        return 0
