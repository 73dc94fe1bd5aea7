"""The sessions of browsers, kept on the server: each can be listed and ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId


class BrowserSessions(Protocol):
    """A session that was ended is found by nobody any more; where it is cached, a minute later at the latest."""

    async def begin(self, session: BrowserSession, token_sha256: str | None) -> None:
        """
        Keep the new *session*; *token_sha256* names the token it was begun with, None for no token.

        Raises ``TokenExchanged`` when a session was begun with that token before, ended or not.
        """
        ...

    async def find(self, session: SessionId, at: datetime) -> BrowserSession | None:
        """Return the session if it is live *at* this instant, which counts as a request of it; else None."""
        ...

    async def of(self, subject: StudentId, at: datetime) -> Sequence[BrowserSession]:
        """Return the sessions of *subject* that are live *at* this instant, the newest first."""
        ...

    async def end(
        self,
        subject: StudentId,
        at: datetime,
        *,
        only: SessionId | None = None,
        but: SessionId | None = None,
    ) -> Sequence[SessionId]:
        """
        End the sessions of *subject* and return those that were live.

        With *only* this one alone, with *but* all except this one. A session of somebody else stays.
        """
        ...
