"""Who acts for the house is written down by the house: accounts, roles, and whose app shows the codes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from application.retry_on_conflict import retry_on_conflict
from domain.errors import NotFound
from domain.staff.access import Role
from domain.staff.second_factor import TotpWrong
from domain.staff.staff_member import StaffExists, StaffId, StaffMember
from ports.audit_log import AuditEntry, Origin
from ports.cipher import Cipher
from ports.clock import Clock
from ports.staff.second_factor import SecondFactor
from ports.staff.staff_register import seed_location
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True)
class AddStaff:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, member: StaffMember, origin: Origin) -> None:
        """Add *member*, or raise ``StaffExists``; no codes are known of them yet."""

        async def unit() -> None:
            async with self.unit_of_work() as work:
                if await _known(work, member.id) is not None:
                    raise StaffExists(member.id)
                work.staff.register.add(member)
                _audit(work, "staff.added", member, origin, self.clock)

        await retry_on_conflict(unit)


@dataclass(frozen=True, slots=True)
class ChangeStaff:
    unit_of_work: UnitOfWork
    clock: Clock

    async def show(self, staff: StaffId) -> StaffMember:
        """Return the member, or raise ``NotFound``."""
        async with self.unit_of_work() as work:
            return await work.staff.register.get(staff)

    async def set_roles(self, staff: StaffId, roles: Iterable[Role], origin: Origin) -> StaffMember:
        """Return the member with exactly *roles*, or raise ``NotFound`` or ``StaffInvalid``."""
        wanted = frozenset(roles)
        return await self._changed(
            staff, lambda member: member.with_roles(wanted), "staff.roles_set", origin
        )

    async def suspend(self, staff: StaffId, origin: Origin) -> StaffMember:
        """Return the member, who from now on may do nothing whatever their token says."""
        return await self._changed(
            staff, lambda member: member.activated(active=False), "staff.suspended", origin
        )

    async def resume(self, staff: StaffId, origin: Origin) -> StaffMember:
        """Return the member, who may do again what their roles say."""
        return await self._changed(
            staff, lambda member: member.activated(active=True), "staff.resumed", origin
        )

    async def remove_second_factor(self, staff: StaffId, origin: Origin) -> StaffMember:
        """Return the member, whose app opens nothing any more: lost, stolen, or given up."""
        return await self._changed(
            staff, StaffMember.without_second_factor, "staff.second_factor_removed", origin
        )

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
                _audit(work, action, member, origin, self.clock)
                return member

        return await retry_on_conflict(unit)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A seed for an app, and the address to show it as a QR code: once, to its owner only."""

    seed: str
    address: str


@dataclass(frozen=True, slots=True)
class EnrolSecondFactor:
    """Nothing is kept of a seed before a code shows that an app has it; until then the old one holds."""

    unit_of_work: UnitOfWork
    second_factor: SecondFactor
    cipher: Cipher
    clock: Clock

    async def invite(self, staff: StaffId) -> Invitation:
        """Return a new seed for this member, or raise ``NotFound``."""
        async with self.unit_of_work() as work:
            member = await work.staff.register.get(staff)
        seed = self.second_factor.new_seed()
        return Invitation(seed, self.second_factor.invitation(seed, member.email))

    async def confirm(self, staff: StaffId, seed: str, code: str, origin: Origin) -> None:
        """
        Take *seed* in the place of any before it, once *code* shows that the member's app has it.

        Raises ``TotpWrong`` and changes nothing otherwise.
        """
        step = self.second_factor.step_of(seed, code, self.clock.now())
        if step is None:
            raise TotpWrong

        async def unit() -> None:
            async with self.unit_of_work() as work:
                member = await work.staff.register.get(staff)
                encrypted = self.cipher.encrypt(seed, seed_location(staff))
                work.staff.register.save(member.enrol(encrypted, step))
                _audit(work, "staff.second_factor_set", member, origin, self.clock)

        await retry_on_conflict(unit)


async def _known(work: Work, staff: StaffId) -> StaffMember | None:
    try:
        return await work.staff.register.get(staff)
    except NotFound:
        return None


def _audit(work: Work, action: str, member: StaffMember, origin: Origin, clock: Clock) -> None:
    work.audit.add(
        AuditEntry(
            at=clock.now(),
            origin=origin,
            action=action,
            subject=f"staff:{member.id}",
            facts={"roles": " ".join(sorted(member.roles))},
        )
    )
