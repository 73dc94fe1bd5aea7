"""Acts that need a TOTP code: the attempt is counted before the code is checked, and the act uses the code up."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from application.retry_on_conflict import retry_on_conflict
from domain.errors import ChangedMeanwhile, NotFound
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpLimit, TotpRefused, TotpWrong
from domain.staff.staff_member import StaffId, StaffMember
from ports.audit_log import AuditEntry, Origin
from ports.cipher import Cipher, EncryptedText
from ports.clock import Clock
from ports.staff.second_factor import SecondFactor
from ports.staff.staff_register import seed_location
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work

Out = TypeVar("Out")
Confirm = Callable[[Work], Awaitable[None]]
"""
What an act calls last in its own unit of work: it checks the TOTP code and collects that the code is
used, so that act and code are written together. When it raises, nothing is written.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpAttempt:
    """A TOTP *code* that *staff* sent for an act that needs *permission*; *subject* is what the act is about."""

    staff: StaffId
    permission: Permission
    subject: str
    code: str = field(repr=False)

    @property
    def digits(self) -> str:
        """The code without the blanks that apps show between its digits, and people type."""
        return self.code.replace(" ", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTotp:
    unit_of_work: UnitOfWork
    second_factor: SecondFactor
    cipher: Cipher
    clock: Clock
    limit: TotpLimit

    async def __call__(
        self, attempt: TotpAttempt, act: Callable[[Confirm], Awaitable[Out]], origin: Origin
    ) -> Out:
        """
        Return what *act* returns; it is given the ``Confirm`` that it has to call.

        The attempt is counted first, in a unit of its own, so that codes tried at the same moment
        cannot pass the limit together. The count is taken back when *act* ended or was refused
        before the code was checked. Raises

        - ``NotAllowed``;
        - ``TotpNotEnrolled`` and ``TotpLocked``;
        - ``TotpRefused``, which is written to the audit log;
        - whatever *act* raises.
        """
        await retry_on_conflict(lambda: self._count(attempt))
        checked = False

        async def confirm(work: Work) -> None:
            nonlocal checked
            checked = True
            member = await permitted_member(work, attempt)
            seed = self.cipher.decrypt(EncryptedText(member.seed or ""), seed_location(member.id))
            at = self.clock.now()
            step = self.second_factor.step_of(seed, attempt.digits, at)
            work.staff.register.save(member.accept(step))
            work.audit.add(
                AuditEntry(
                    at=at,
                    origin=origin,
                    action="staff.code_accepted",
                    subject=f"staff:{attempt.staff}",
                    facts={"for": attempt.subject},
                )
            )

        try:
            return await act(confirm)
        except TotpRefused as refusal:
            await self._record(attempt, refusal, origin)
            raise
        finally:
            if not checked:
                # The act's own error matters more than this one: at worst one attempt stays counted.
                with suppress(ChangedMeanwhile, StorageUnavailable):
                    await retry_on_conflict(lambda: self._uncount(attempt))

    async def _count(self, attempt: TotpAttempt) -> None:
        async with self.unit_of_work() as work:
            member = await permitted_member(work, attempt)
            work.staff.register.save(member.count_attempt(self.clock.now(), self.limit))

    async def _uncount(self, attempt: TotpAttempt) -> None:
        async with self.unit_of_work() as work:
            member = await work.staff.register.get(attempt.staff)
            work.staff.register.save(member.uncount_attempt())

    async def _record(self, attempt: TotpAttempt, refusal: TotpRefused, origin: Origin) -> None:
        async with self.unit_of_work() as work:
            member = await work.staff.register.get(attempt.staff)
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="staff.code_refused",
                    subject=f"staff:{attempt.staff}",
                    facts={
                        "refusal": refusal.audit_code,
                        "for": attempt.subject,
                        "attempts": str(member.attempts),
                        "locked_until": str(member.locked_until or ""),
                    },
                )
            )


async def permitted_member(work: Work, attempt: TotpAttempt) -> StaffMember:
    """
    Return the member of staff who made *attempt*, or raise ``NotAllowed``.

    An unknown account is refused in the same way, so that nobody learns which accounts exist.
    """
    try:
        member = await work.staff.register.get(attempt.staff)
    except NotFound:
        raise NotAllowed(attempt.permission) from None
    member.check(attempt.permission)
    return member


async def refuse_unconfirmed(_: Work) -> None:
    """Raise ``TotpWrong``: the ``Confirm`` for a request that may only repeat an earlier answer."""
    raise TotpWrong
