"""An act that needs its doer in person: a code, counted before it is looked at, and used up with the act."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from application.retry_on_conflict import retry_on_conflict
from domain.errors import ChangedMeanwhile, NotFound
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpLimit, TotpRefused
from domain.staff.staff_member import StaffId, StaffMember
from ports.audit_log import AuditEntry, Origin
from ports.cipher import Cipher, EncryptedText
from ports.clock import Clock
from ports.staff.second_factor import SecondFactor
from ports.staff.staff_register import seed_location
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work

Out = TypeVar("Out")
Confirm = Callable[[Work], Awaitable[None]]
"""What an act calls as the last thing in its own unit, so that code and act are written as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpAttempt:
    """Who shows which code for an act that needs *permission*; *subject* is what it is done to."""

    staff: StaffId
    permission: Permission
    subject: str
    code: str = field(repr=False)


@dataclass(slots=True)
class _Look:
    """Whether anybody has looked at the code."""

    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTotp:
    unit_of_work: UnitOfWork
    second_factor: SecondFactor
    cipher: Cipher
    clock: Clock
    limit: TotpLimit

    async def __call__(
        self, presented: TotpAttempt, act: Callable[[Confirm], Awaitable[Out]], origin: Origin
    ) -> Out:
        """
        Return what *act* returns; it is given ``Confirm``, which uses the code up in the act's unit.

        The attempt is counted in a unit of its own, first, so that codes tried at the same moment
        cannot pass the limit together. It is given back when the act came to its end, or was
        refused, before anybody looked at the code. Raises ``NotAllowed``, ``TotpNotEnrolled``,
        ``TotpLocked``, ``TotpRefused``, and whatever *act* raises.
        """
        await retry_on_conflict(lambda: self._count(presented))
        look = _Look()

        async def confirm(work: Work) -> None:
            look.taken = True
            member = await acting_member(work, presented)
            seed = self.cipher.decrypt(EncryptedText(member.seed or ""), seed_location(member.id))
            step = self.second_factor.step_of(seed, presented.code, self.clock.now())
            work.staff.register.save(member.accept(step))

        try:
            return await act(confirm)
        except TotpRefused as refusal:
            await self._record(presented, refusal, origin)
            raise
        finally:
            if not look.taken:
                # Not worth hiding anything for: at worst one attempt stays counted.
                with suppress(ChangedMeanwhile, StorageUnavailable):
                    await retry_on_conflict(lambda: self._give_back(presented))

    async def _count(self, presented: TotpAttempt) -> None:
        async with self.unit_of_work() as work:
            member = await acting_member(work, presented)
            work.staff.register.save(member.count_attempt(self.clock.now(), self.limit))

    async def _give_back(self, presented: TotpAttempt) -> None:
        async with self.unit_of_work() as work:
            member = await work.staff.register.get(presented.staff)
            work.staff.register.save(member.uncount_attempt())

    async def _record(self, presented: TotpAttempt, refusal: TotpRefused, origin: Origin) -> None:
        async with self.unit_of_work() as work:
            member = await work.staff.register.get(presented.staff)
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="staff.code_refused",
                    subject=f"staff:{presented.staff}",
                    facts={
                        "refusal": refusal.audit_code,
                        "for": presented.subject,
                        "attempts": str(member.attempts),
                        "locked_until": str(member.locked_until or ""),
                    },
                )
            )


async def acting_member(work: Work, presented: TotpAttempt) -> StaffMember:
    """Return the member who may do this, or raise ``NotAllowed``: nobody learns who has an account."""
    try:
        member = await work.staff.register.get(presented.staff)
    except NotFound:
        raise NotAllowed(presented.permission) from None
    member.check(presented.permission)
    return member
