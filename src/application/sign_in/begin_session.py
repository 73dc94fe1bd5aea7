"""Begin a browser session for a person whom the platform vouched for."""

from dataclasses import dataclass, field

from application.staff.refuse_suspended import RefuseSuspended
from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId, SessionLimits
from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.sign_in.browser_sessions import BrowserSessions
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCommand:
    """
    *id* is new and was drawn with its cookie, *origin* says where they sit.

    *replaces* is the session that the same browser has, None for none.

    *token_sha256* names the platform's token, None where there is none (the demo).
    """

    id: SessionId
    subject: StudentId
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    roles: frozenset[Role]
    token_sha256: str | None
    origin: Origin
    replaces: BrowserSession | None = None
    browser: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSession:
    sessions: BrowserSessions
    unit_of_work: UnitOfWork
    refuse_suspended: RefuseSuspended
    clock: Clock
    student_limits: SessionLimits
    staff_limits: SessionLimits

    async def __call__(self, command: SignInCommand) -> BrowserSession:
        """
        Return the new session; the one that the browser had before is ended.

        Staff get the shorter limits, and an entry of the audit log. Raises ``TokenExchanged``, and ``StaffSuspended``.
        """
        at = self.clock.now()
        is_staff = bool(command.roles - {Role.STUDENT})
        if is_staff:
            await self.refuse_suspended(StaffId(command.subject))
        limits = self.staff_limits if is_staff else self.student_limits
        session = BrowserSession(
            id=command.id,
            subject=command.subject,
            name=command.name,
            email=command.email,
            phone=command.phone,
            roles=command.roles,
            began_at=at,
            seen_at=at,
            ends_at=at + limits.lifetime,
            idle=limits.idle,
            browser=command.browser,
            ip=command.origin.ip,
        )
        await self.sessions.begin(session, command.token_sha256)
        if (before := command.replaces) is not None:
            await self.sessions.end(before.subject, at, only=before.id)
        if is_staff:
            # Without this entry nobody is given the cookie, and a session without one opens nothing.
            async with self.unit_of_work() as work:
                work.audit.add(
                    AuditEntry(
                        at=at,
                        origin=command.origin,
                        action="staff.signed_in",
                        subject=f"staff:{command.subject}",
                        facts={"roles": " ".join(sorted(command.roles))},
                    )
                )
        return session
