"""Looking at the books as a whole: what must always hold is asked of everything that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from ports.clock import Clock
from ports.money_invariants import Breach, MoneyInvariants


@dataclass(frozen=True, slots=True)
class CheckInvariants:
    invariants: MoneyInvariants
    clock: Clock

    async def __call__(self) -> Sequence[Breach]:
        """Return every invariant that does not hold now; raises ``StorageUnavailable``."""
        return await self.invariants.breaches(self.clock.now())
