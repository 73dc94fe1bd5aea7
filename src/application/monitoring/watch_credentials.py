"""Since when each key, password and certificate is in use: noted in the audit log when it is first seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.monitoring.credential import Credential, CredentialTerm
from ports.audit_log import AuditEntry, AuditReads, Origin, Source
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork

FIRST_USED: Final = "credential.first_used"
FINGERPRINT: Final = "fingerprint"
VERSIONS_READ: Final = 20
"""So many versions of one credential are looked through; while two are in use, both are among them."""

BY_JOB: Final = Origin(actor="system", source=Source.MONITORING)


@dataclass(frozen=True, slots=True)
class WatchCredentials:
    """
    *held* are those that this process uses now, *age_max* is for how long one may be used that states no end.

    What is in use before it was first seen is not known: ages count from then.
    """

    held: Callable[[], Sequence[Credential]]
    age_max: timedelta
    audit: AuditReads
    unit_of_work: UnitOfWork
    clock: Clock
    _since: dict[Credential, datetime] = field(default_factory=dict)

    async def read(self) -> Sequence[CredentialTerm]:
        """Return the term of each, the next to end first; one not seen yet begins now."""
        at = self.clock.now()
        terms = [
            CredentialTerm.of(each, await self._first_used(each) or at, self.age_max)
            for each in self.held()
        ]
        return sorted(terms, key=lambda term: (term.ends_at, term.credential.name))

    async def __call__(self) -> Sequence[CredentialTerm]:
        """Note in the audit log which are new, and return the terms as ``read`` does. Raises ``StorageUnavailable``."""
        at = self.clock.now()
        new = [each for each in self.held() if await self._first_used(each) is None]
        if new:
            async with self.unit_of_work() as work:
                for each in new:
                    work.audit.add(
                        AuditEntry(
                            at=at,
                            origin=BY_JOB,
                            action=FIRST_USED,
                            subject=_subject(each),
                            facts={FINGERPRINT: each.fingerprint},
                        )
                    )
        return await self.read()

    async def _first_used(self, credential: Credential) -> datetime | None:
        """Return when this version was first seen; that does not change, so it is asked for once."""
        if credential not in self._since:
            about = await self.audit.about(_subject(credential), at_most=VERSIONS_READ)
            for entry in about:
                if entry.facts.get(FINGERPRINT) == credential.fingerprint:
                    self._since[credential] = entry.at
        return self._since.get(credential)


def _subject(credential: Credential) -> str:
    return f"credential/{credential.name}"
