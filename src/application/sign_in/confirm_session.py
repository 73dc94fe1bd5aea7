"""Open the console: a member of staff who is signed in proves by a TOTP that it is they."""

from dataclasses import dataclass, field

from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp, permitted_member
from domain.sign_in.browser_session import BrowserSession, SessionId
from domain.staff.access import NotAllowed, Permission, Role
from domain.staff.staff_member import StaffId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.sign_in.browser_sessions import BrowserSessions
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSessionCommand:
    """*renewed* is new and was drawn with the cookie that takes the place of the one of *session*."""

    session: BrowserSession
    renewed: SessionId
    origin: Origin
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSession:
    verify_totp: VerifyTotp
    unit_of_work: UnitOfWork
    sessions: BrowserSessions
    clock: Clock

    async def __call__(self, command: ConfirmSessionCommand) -> BrowserSession:
        """
        Return the session that took the place of the one before, which is ended.

        Its roles are those that both the platform and our own account give. Raises ``NotAllowed`` when
        that is none, or the account may not use the console, and what ``VerifyTotp`` raises.
        """
        before = command.session
        attempt = TotpAttempt(
            staff=StaffId(before.subject),
            permission=Permission.USE_CONSOLE,
            subject=f"session:{before.id}",
            code=command.code,
        )
        roles = await self.verify_totp(
            attempt, lambda confirm: self._enter(command, attempt, confirm), command.origin
        )
        at = self.clock.now()
        session = before.confirmed(command.renewed, roles, at)
        # Dying between these leaves a session more than there should be; it was confirmed all the same.
        await self.sessions.begin(session, None)
        await self.sessions.end(before.subject, at, only=before.id)
        return session

    async def _enter(
        self, command: ConfirmSessionCommand, attempt: TotpAttempt, confirm: Confirm
    ) -> frozenset[Role]:
        async def unit() -> frozenset[Role]:
            async with self.unit_of_work() as work:
                member = await permitted_member(work, attempt)
                roles = member.roles & command.session.roles
                if not roles:
                    raise NotAllowed(attempt.permission)
                work.audit.add(
                    AuditEntry(
                        at=self.clock.now(),
                        origin=command.origin,
                        action="staff.console_entered",
                        subject=f"staff:{member.id}",
                        facts={"roles": " ".join(sorted(roles))},
                    )
                )
                await confirm(work)
                return roles

        return await retry_on_conflict(unit)
