"""Erase what is personal of one student and no law keeps; it cannot be undone, and a second look confirms it."""

from dataclasses import dataclass
from typing import Final

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import StudentId
from domain.payments.refund import ReasonRefused, check_reason
from domain.privacy.erasure import ErasurePlan, plan_erasure
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.privacy.personal_records import (
    ERASED_EMAIL,
    ERASED_NAME,
    ErasedCounts,
    PersonalRecord,
    PersonalRecords,
)
from ports.sign_in.browser_sessions import BrowserSessions

NAMING_CHARS_MIN: Final = 3
"""A shorter text stands in many words, and names nobody."""

ERASED: Final = frozenset({ERASED_NAME, ERASED_EMAIL})


@dataclass(frozen=True, slots=True)
class ErasePersonalData:
    records: PersonalRecords
    sessions: BrowserSessions
    clock: Clock

    async def plan(self, student: StudentId) -> ErasurePlan:
        """Return what would be erased now and what stays, or raise ``NotFound`` for nobody known."""
        await self._known(student)
        return await self._planned(student)

    async def __call__(
        self, student: StudentId, reason: str, seen: str, origin: Origin
    ) -> ErasedCounts:
        """
        Erase what the plan with the fingerprint *seen* names, and return how much it was.

        The student is signed out first. The audit log holds the *reason* and the counts, and stays for good, so the
        reason may name nothing that is erased. Raises

        - ``ReasonRefused`` and ``CardNumberRefused``;
        - ``NotFound`` for nobody known;
        - ``ChangedMeanwhile`` when the plan is not as it was seen.
        """
        plan = await self.confirmed(student, reason, seen)
        at = self.clock.now()
        await self.sessions.end(student, at)

        def audit(counts: ErasedCounts) -> AuditEntry:
            return AuditEntry(
                at=at,
                origin=origin,
                action="personal_data.erased",
                subject=f"person:{student}",
                facts={
                    "reason": reason,
                    "contact": str(counts.contact),
                    "names": str(counts.names),
                    "sessions": str(counts.sessions),
                    "addresses": str(counts.addresses),
                    "kept": str(len(plan.kept)),
                },
            )

        return await self.records.erase(plan, audit)

    async def confirmed(self, student: StudentId, reason: str, seen: str) -> ErasurePlan:
        """Return the plan with the fingerprint *seen*, or raise what this use case refuses; nothing is erased."""
        check_reason(reason)
        if any(
            each.casefold() in reason.casefold() for each in _values(await self._known(student))
        ):
            raise ReasonRefused("it names the person; write the number of the request")
        plan = await self._planned(student)
        if plan.fingerprint != seen:
            raise ChangedMeanwhile("what is to be erased")
        return plan

    async def _planned(self, student: StudentId) -> ErasurePlan:
        return plan_erasure(student, await self.records.payments_of(student), self.clock.now())

    async def _known(self, student: StudentId) -> PersonalRecord:
        record = await self.records.everything_of(student)
        if not record.payments and not record.facts:
            raise NotFound("student", student)
        return record


def _values(record: PersonalRecord) -> frozenset[str]:
    """Return the texts that name the person."""
    told = (
        text
        for each in record.payments
        for text in (each.name, each.email, each.phone, each.bill_name, each.bill_address)
    )
    return frozenset(each for each in told if len(each) >= NAMING_CHARS_MIN) - ERASED
