"""Who looked at people's data, and who was refused: each leaves an entry of the audit log of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import StorageUnavailable, UnitOfWork

WINDOW: Final = timedelta(minutes=1)
REFUSALS_MAX: Final = 60
"""So many refusals are written in one window, by each process: whoever floods us fills no disk."""

SHOWN: Final = "access.shown"
REFUSED: Final = "access.refused"
SIGN_IN_REFUSED: Final = "sign_in.refused"


NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """
    A request: its route, the *permission* that opens it, and which *payment* it names, None where it names none.

    *facts* tell the rest, and hold no personal data.
    """

    route: str
    permission: str
    payment: PaymentId | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RefusalLimit:
    """Lets one refusal of each kind through in a window, and counts those that it holds back."""

    _begun: datetime | None = None
    _kinds: set[str] = field(default_factory=set)
    _withheld: int = 0

    def take(self, kind: str, at: datetime) -> int | None:
        """Return how many were held back before this one, or None to hold it back too."""
        if self._begun is None or at - self._begun >= WINDOW:
            self._begun = at
            self._kinds.clear()
        if kind in self._kinds or len(self._kinds) >= REFUSALS_MAX:
            self._withheld += 1
            return None
        self._kinds.add(kind)
        withheld, self._withheld = self._withheld, 0
        return withheld


@dataclass(frozen=True, slots=True)
class RecordAccess:
    """Writes in a unit of its own, before anything is read: what nobody could write down is not shown."""

    unit_of_work: UnitOfWork
    clock: Clock
    _limit: RefusalLimit = field(default_factory=RefusalLimit)

    async def shown(self, access: Access, origin: Origin) -> None:
        """Write that somebody asked to see this; raises ``StorageUnavailable``."""
        subject = f"shown:{access.payment or access.route}"
        facts = {**access.facts, "route": access.route, "permission": access.permission}
        await self._write(SHOWN, subject, facts, origin)

    async def commanded(
        self, action: str, subject: str, origin: Origin, facts: Mapping[str, str] = NOTHING
    ) -> None:
        """Write that a command exported or verified *subject*; raises ``StorageUnavailable``."""
        await self._write(action, subject, facts, origin)

    async def refused(self, access: Access, origin: Origin) -> None:
        """Write that somebody lacks the permission, as often as the limit allows; the refusal itself goes on."""
        facts = {"route": access.route, "permission": access.permission}
        kind = f"{origin.actor} {access.permission}"
        await self._write_refusal(REFUSED, kind, f"route:{access.route}", facts, origin)

    async def token_refused(self, why: str, origin: Origin) -> None:
        """Write that a token, or a server key, proved nothing, as often as the limit allows."""
        await self._write_refusal(SIGN_IN_REFUSED, origin.ip, "token", {"refusal": why}, origin)

    async def _write_refusal(
        self, action: str, kind: str, subject: str, facts: Mapping[str, str], origin: Origin
    ) -> None:
        withheld = self._limit.take(f"{action} {kind}", self.clock.now())
        if withheld is None:
            return
        try:
            await self._write(action, subject, {**facts, "withheld": str(withheld)}, origin)
        except (ChangedMeanwhile, StorageUnavailable):
            # The refusal stands without its entry; the log has it, too.
            return

    async def _write(
        self, action: str, subject: str, facts: Mapping[str, str], origin: Origin
    ) -> None:
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(), origin=origin, action=action, subject=subject, facts=facts
                )
            )
