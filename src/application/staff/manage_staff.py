"""Manage members of staff: their accounts, their roles, and their authenticator apps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from application.retry_on_conflict import retry_on_conflict
from domain.errors import NotFound
from domain.identifiers import StudentId
from domain.staff.access import Role
from domain.staff.second_factor import TotpWrong
from domain.staff.staff_member import StaffExists, StaffId, StaffMember
from ports.audit_log import AuditEntry, Origin
from ports.cipher import Cipher
from ports.clock import Clock
from ports.sign_in.browser_sessions import BrowserSessions
from ports.staff.second_factor import SecondFactor
from ports.staff.staff_register import seed_location
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True)
class AddStaff:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, member: StaffMember, origin: Origin) -> None:
        """Add *member*, who has no second factor yet, or raise ``StaffExists``."""

        async def unit() -> None:
            async with self.unit_of_work() as work:
                if await known_member(work, member.id) is not None:
                    raise StaffExists(member.id)
                work.staff.register.add(member)
                audit_staff(work, "staff.added", member, origin, self.clock)

        await retry_on_conflict(unit)


@dataclass(frozen=True, slots=True)
class ChangeStaff:
    unit_of_work: UnitOfWork
    clock: Clock
    sessions: BrowserSessions

    async def show(self, staff: StaffId) -> StaffMember:
        """Return the member, or raise ``NotFound``."""
        async with self.unit_of_work() as work:
            return await work.staff.register.get(staff)

    async def set_roles(self, staff: StaffId, roles: Iterable[Role], origin: Origin) -> StaffMember:
        """
        Return the member with exactly *roles*, or raise ``NotFound`` or ``StaffInvalid``.

        Their browser sessions are ended, since those hold the roles from before.
        """
        wanted = frozenset(roles)
        return await self._signed_out(
            staff, lambda member: member.with_roles(wanted), "staff.roles_set", origin
        )

    async def suspend(self, staff: StaffId, origin: Origin) -> StaffMember:
        """
        Return the member, who may do nothing from now on, whatever their token says; or raise ``NotFound``.

        Their browser sessions are ended.
        """
        return await self._signed_out(
            staff, lambda member: member.activated(active=False), "staff.suspended", origin
        )

    async def resume(self, staff: StaffId, origin: Origin) -> StaffMember:
        """Return the member, who may again do what their roles permit; or raise ``NotFound``."""
        return await self._changed(
            staff, lambda member: member.activated(active=True), "staff.resumed", origin
        )

    async def remove_second_factor(self, staff: StaffId, origin: Origin) -> StaffMember:
        """
        Return the member without a second factor: the app was lost or stolen; or raise ``NotFound``.

        Their browser sessions are ended: who has the app may have opened one.
        """
        return await self._signed_out(
            staff, StaffMember.without_second_factor, "staff.second_factor_removed", origin
        )

    async def _signed_out(
        self,
        staff: StaffId,
        change: Callable[[StaffMember], StaffMember],
        action: str,
        origin: Origin,
    ) -> StaffMember:
        member = await self._changed(staff, change, action, origin)
        await self.sessions.end(StudentId(staff), self.clock.now())
        return member

    async def _changed(
        self,
        staff: StaffId,
        change: Callable[[StaffMember], StaffMember],
        action: str,
        origin: Origin,
    ) -> StaffMember:
        async def unit() -> StaffMember:
            async with self.unit_of_work() as work:
                member = change(await work.staff.register.get(staff))
                work.staff.register.save(member)
                audit_staff(work, action, member, origin, self.clock)
                return member

        return await retry_on_conflict(unit)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A TOTP *seed* and the ``otpauth`` URI of it for a QR code: shown once, to its owner only."""

    seed: str
    provisioning_uri: str


@dataclass(frozen=True, slots=True)
class EnrolSecondFactor:
    """A new seed is stored when a code proves that the member's app has it; until then the old seed counts."""

    unit_of_work: UnitOfWork
    second_factor: SecondFactor
    cipher: Cipher
    clock: Clock

    async def invite(self, staff: StaffId) -> Invitation:
        """Return a new seed for this member, not stored, or raise ``NotFound``."""
        async with self.unit_of_work() as work:
            member = await work.staff.register.get(staff)
        seed = self.second_factor.new_seed()
        return Invitation(seed, self.second_factor.provisioning_uri(seed, member.email))

    async def confirm(self, staff: StaffId, seed: str, code: str, origin: Origin) -> None:
        """
        Store *seed* in place of any earlier one, because *code* proves that the member's app has it.

        Raises ``TotpWrong`` when it does not, and ``NotFound``.
        """
        step = self.second_factor.step_of(seed, code, self.clock.now())
        if step is None:
            raise TotpWrong

        async def unit() -> None:
            async with self.unit_of_work() as work:
                member = await work.staff.register.get(staff)
                encrypted = self.cipher.encrypt(seed, seed_location(staff))
                work.staff.register.save(member.enrol(encrypted, step))
                audit_staff(work, "staff.second_factor_set", member, origin, self.clock)

        await retry_on_conflict(unit)


async def known_member(work: Work, staff: StaffId) -> StaffMember | None:
    """Return the member, None where there is none."""
    try:
        return await work.staff.register.get(staff)
    except NotFound:
        return None


def audit_staff(work: Work, action: str, member: StaffMember, origin: Origin, clock: Clock) -> None:
    """Collect the entry of the audit log about *member* as it is then."""
    work.audit.add(
        AuditEntry(
            at=clock.now(),
            origin=origin,
            action=action,
            subject=f"staff:{member.id}",
            facts={"roles": " ".join(sorted(member.roles))},
        )
    )
