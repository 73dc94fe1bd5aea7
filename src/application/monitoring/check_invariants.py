"""Check the invariants of the money: all that is stored, or what has changed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from domain.business_day import IST
from ports.alerts import Alert, AlertKind, Alerts
from ports.clock import Clock
from ports.monitoring.money_invariants import Breach, Invariant, MoneyInvariants, Unchecked

log = logging.getLogger(__name__)

NIGHT: Final = time(2, tzinfo=IST)
"""From then on each invariant is checked in full once: few students pay at this hour."""


@dataclass(frozen=True, slots=True)
class Findings:
    """*broken* are the invariants that do not hold, *unchecked* those of which it is not known."""

    broken: Sequence[Breach] = ()
    unchecked: Sequence[Unchecked] = ()


@dataclass(frozen=True, slots=True)
class CheckInvariants:
    invariants: MoneyInvariants
    clock: Clock

    async def __call__(
        self, *, full: bool = True, only: Sequence[Invariant] | None = None
    ) -> Findings:
        """
        Check the invariants *only*, or all of them, one by one; return what is wrong now.

        One that fails, for whatever reason, keeps none of the others from being checked.
        """
        found: list[Breach | Unchecked] = []
        for invariant in self.invariants.known if only is None else only:
            found += await self._check(invariant, full=full)
        return Findings(
            broken=[each for each in found if isinstance(each, Breach)],
            unchecked=[each for each in found if isinstance(each, Unchecked)],
        )

    async def _check(self, invariant: Invariant, *, full: bool) -> Sequence[Breach | Unchecked]:
        try:
            return await self.invariants.check(invariant, self.clock.now(), full=full)
        except Exception as error:
            # A failure of any kind must not keep the other invariants from being checked.
            log.exception("invariant.check_failed", extra={"subject": invariant.name})
            return [Unchecked(invariant=invariant, why=type(error).__name__)]


@dataclass(frozen=True, slots=True)
class WatchInvariants:
    check: CheckInvariants
    alerts: Alerts

    async def changes(self) -> int:
        """Send an alert for what is wrong by an incremental check; return 0: nothing is left to do."""
        await self._tell(await self.check(full=False))
        return 0

    async def all(self) -> int:
        """
        Send an alert for what is wrong by a full check of what had none since the last night.

        A check that was interrupted, or that failed, is made by the next call. Returns 0. Raises
        ``StorageUnavailable``.
        """
        since = last_night(self.check.clock.now())
        for invariant in await self.check.invariants.not_checked_in_full(since):
            # What was found is told at once: the next invariant may take minutes.
            await self._tell(await self.check(full=True, only=[invariant]))
        return 0

    async def _tell(self, findings: Findings) -> None:
        for breach in findings.broken:
            told = {
                "reason": breach.invariant.means,
                "count": str(breach.count),
                "entry": " ".join(breach.subjects),
            }
            await self.alerts.call(
                Alert(kind=AlertKind.INVARIANT_BROKEN, subject=breach.invariant.name, facts=told)
            )
        for each in findings.unchecked:
            await self.alerts.call(
                Alert(
                    kind=AlertKind.INVARIANT_UNCHECKED,
                    subject=each.invariant.name,
                    facts={"reason": each.why},
                )
            )


def last_night(at: datetime) -> datetime:
    """Return the last ``NIGHT`` that has begun at this instant (UTC)."""
    here = at.astimezone(IST)
    begun = datetime.combine(here.date(), NIGHT)
    return (begun if begun <= here else begun - timedelta(days=1)).astimezone(at.tzinfo)
