"""Administrators keep the accounts of other members of staff: each act with a TOTP of the one who does it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from application.retry_on_conflict import retry_on_conflict
from application.staff.manage_staff import Invitation, audit_staff, known_member
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.identifiers import StudentId
from domain.staff.access import Permission, Role
from domain.staff.second_factor import TotpWrong
from domain.staff.staff_member import (
    InvitationOver,
    OwnAccount,
    StaffExists,
    StaffId,
    StaffMember,
)
from ports.audit_log import Origin
from ports.cipher import CannotDecrypt, Cipher, EncryptedText, SecretLocation
from ports.clock import Clock
from ports.sign_in.browser_sessions import BrowserSessions
from ports.staff.second_factor import SecondFactor
from ports.staff.staff_register import seed_location
from ports.unit_of_work import UnitOfWork

INVITED_FOR: Final = timedelta(minutes=15)
"""So long may a seed that was shown be confirmed by a code of the app."""

Out = TypeVar("Out")
Change = Callable[[StaffMember], StaffMember]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCommand:
    """
    What the administrator *by* does to the account of *staff*, with a TOTP *code* of theirs.

    *seen* is the fingerprint of the account as they saw it, None when that does not matter.
    """

    staff: StaffId
    by: StaffId
    origin: Origin
    code: str = field(repr=False)
    seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedSeed:
    """A seed as it is shown once, and the text that brings it back to be confirmed: encrypted, for this member."""

    invitation: Invitation = field(repr=False)
    offered: EncryptedText


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageAccounts:
    """
    Nobody changes their own account, and who changes another's is an administrator until the change is written.

    So at least one administrator is left, whoever suspends whom at the same moment.
    """

    verify_totp: VerifyTotp
    unit_of_work: UnitOfWork
    second_factor: SecondFactor
    cipher: Cipher
    sessions: BrowserSessions
    clock: Clock

    async def add(self, member: StaffMember, command: AccountCommand) -> None:
        """Add *member*, who has no second factor yet, or raise ``StaffExists`` and what ``VerifyTotp`` raises."""

        async def unit(confirm: Confirm) -> None:
            async with self.unit_of_work() as work:
                if await known_member(work, member.id) is not None:
                    raise StaffExists(member.id)
                work.staff.register.add(member)
                audit_staff(work, "staff.added", member, command.origin, self.clock)
                await confirm(work)

        await self._confirmed(command, unit)

    async def set_roles(self, roles: Iterable[Role], command: AccountCommand) -> StaffMember:
        """Return the member with exactly *roles*; their browser sessions are ended. Raises as ``suspend``."""
        wanted = frozenset(roles)
        return await self._change(
            command, lambda member: member.with_roles(wanted), "staff.roles_set"
        )

    async def suspend(self, command: AccountCommand) -> StaffMember:
        """
        Return the member, who may do nothing from now on; their browser sessions are ended.

        Raises ``NotFound``, ``OwnAccount``, ``StaffChanged``, ``StaffInvalid``, and what ``VerifyTotp`` raises.
        """
        return await self._change(
            command, lambda member: member.activated(active=False), "staff.suspended"
        )

    async def resume(self, command: AccountCommand) -> StaffMember:
        """Return the member, who may again do what their roles permit. Raises as ``suspend``."""
        return await self._change(
            command, lambda member: member.activated(active=True), "staff.resumed"
        )

    async def remove_second_factor(self, command: AccountCommand) -> StaffMember:
        """Return the member without an app: lost or stolen; their sessions are ended. Raises as ``suspend``."""
        return await self._change(
            command, StaffMember.without_second_factor, "staff.second_factor_removed"
        )

    async def offer_seed(self, command: AccountCommand) -> OfferedSeed:
        """Return a new seed for the member's app; nothing is stored but that it was shown. Raises as ``suspend``."""

        async def unit(confirm: Confirm) -> StaffMember:
            async with self.unit_of_work() as work:
                member = await work.staff.register.get(command.staff)
                member.check_unchanged(command.seen)
                audit_staff(work, "staff.seed_shown", member, command.origin, self.clock)
                await confirm(work)
                return member

        _refuse_own(command.staff, command.by)
        member = await self._confirmed(command, unit)
        seed = self.second_factor.new_seed()
        until = (self.clock.now() + INVITED_FOR).isoformat()
        return OfferedSeed(
            invitation=Invitation(seed, self.second_factor.provisioning_uri(seed, member.email)),
            offered=self.cipher.encrypt(f"{until} {seed}", _offer_location(member.id)),
        )

    async def accept_seed(
        self, staff: StaffId, offered: str, code: str, by: StaffId, origin: Origin
    ) -> None:
        """
        Store the *offered* seed in place of any earlier one: *code* proves that the member's app has it.

        Their browser sessions are ended. Raises ``TotpWrong`` when it does not, ``InvitationOver``,
        ``OwnAccount`` and ``NotFound``.
        """
        _refuse_own(staff, by)
        seed = self._seed_of(staff, offered)
        step = self.second_factor.step_of(seed, code.replace(" ", ""), self.clock.now())
        if step is None:
            raise TotpWrong

        async def unit() -> None:
            async with self.unit_of_work() as work:
                member = await work.staff.register.get(staff)
                encrypted = self.cipher.encrypt(seed, seed_location(staff))
                work.staff.register.save(member.enrol(encrypted, step))
                audit_staff(work, "staff.second_factor_set", member, origin, self.clock)

        await retry_on_conflict(unit)
        await self.sessions.end(StudentId(staff), self.clock.now())

    def _seed_of(self, staff: StaffId, offered: str) -> str:
        try:
            text = self.cipher.decrypt(EncryptedText(offered), _offer_location(staff))
        except CannotDecrypt:
            raise InvitationOver from None
        until, _, seed = text.partition(" ")
        if self.clock.now() >= datetime.fromisoformat(until):
            raise InvitationOver
        return seed

    async def _change(self, command: AccountCommand, change: Change, action: str) -> StaffMember:
        async def unit(confirm: Confirm) -> StaffMember:
            async with self.unit_of_work() as work:
                before = await work.staff.register.get(command.staff)
                before.check_unchanged(command.seen)
                member = change(before)
                work.staff.register.save(member)
                audit_staff(work, action, member, command.origin, self.clock)
                await confirm(work)
                return member

        _refuse_own(command.staff, command.by)
        member = await self._confirmed(command, unit)
        await self.sessions.end(StudentId(command.staff), self.clock.now())
        return member

    async def _confirmed(
        self, command: AccountCommand, unit: Callable[[Confirm], Awaitable[Out]]
    ) -> Out:
        attempt = TotpAttempt(
            staff=command.by,
            permission=Permission.WRITE_STAFF,
            subject=f"staff:{command.staff}",
            code=command.code,
        )
        return await self.verify_totp(
            attempt, lambda confirm: retry_on_conflict(lambda: unit(confirm)), command.origin
        )


def _refuse_own(staff: StaffId, by: StaffId) -> None:
    if staff == by:
        raise OwnAccount(staff)


def _offer_location(staff: StaffId) -> SecretLocation:
    return SecretLocation(table="staff", column="offered_seed", row=staff)
