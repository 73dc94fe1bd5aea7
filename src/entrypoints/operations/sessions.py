"""Browser sessions, as the command line lists and ends them."""

from collections.abc import Sequence

from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.sign_in.browser_sessions import BrowserSessions


def list_sessions(settings: Settings, person: str) -> Sequence[BrowserSession]:
    """Return the live sessions of *person*, the newest first."""

    async def read(container: Shulk) -> Sequence[BrowserSession]:
        sessions: BrowserSessions = container.storage.browser_sessions()
        return await sessions.of(StudentId(person), container.clock().now())

    return run_in_container(settings, read)


def end_sessions(settings: Settings, person: str, session: str | None) -> int:
    """End all sessions of *person*, or the one *session*; return how many were live."""

    async def end(container: Shulk) -> int:
        only = SessionId(session) if session is not None else None
        act = container.use_cases().sign_in().end_sessions()
        return len(await act(StudentId(person), BY_COMMAND, only=only))

    return run_in_container(settings, end)
