"""End browser sessions: one's own, or those of a person, by a command."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import NotFound
from domain.identifiers import StudentId
from domain.sign_in.browser_session import SessionId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.sign_in.browser_sessions import BrowserSessions
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class EndSessions:
    sessions: BrowserSessions
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self,
        subject: StudentId,
        origin: Origin,
        *,
        only: SessionId | None = None,
        but: SessionId | None = None,
    ) -> Sequence[SessionId]:
        """
        End the live sessions of *subject* and return them, written to the audit log.

        With *only* this one alone, and ``NotFound`` when it is no live session of theirs; with *but* all
        except this one.
        """
        at = self.clock.now()
        ended = await self.sessions.end(subject, at, only=only, but=but)
        if only is not None and not ended:
            raise NotFound("session", only)
        if ended:
            async with self.unit_of_work() as work:
                work.audit.add(
                    AuditEntry(
                        at=at,
                        origin=origin,
                        action="sessions.ended",
                        subject=f"person:{subject}",
                        facts={"count": str(len(ended))},
                    )
                )
        return ended
