"""Browser sessions in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId, TokenExchanged
from fakes.store import BrowserSessionRow, Store


@dataclass(frozen=True, slots=True)
class MemoryBrowserSessions:
    store: Store

    async def begin(self, session: BrowserSession, token_sha256: str | None) -> None:
        await asyncio.sleep(0)
        rows = self.store.browser_sessions
        if token_sha256 is not None and any(
            row.token_sha256 == token_sha256 for row in rows.values()
        ):
            raise TokenExchanged
        rows[session.id] = BrowserSessionRow(session=session, token_sha256=token_sha256)

    async def find(self, session: SessionId, at: datetime) -> BrowserSession | None:
        await asyncio.sleep(0)
        row = self.store.browser_sessions.get(session)
        if row is None or not row.is_live(at):
            return None
        if row.session.is_seen_again(at):
            row = replace(row, session=row.session.seen(at))
            self.store.browser_sessions[session] = row
        return row.session

    async def of(self, subject: StudentId, at: datetime) -> Sequence[BrowserSession]:
        await asyncio.sleep(0)
        live = [row.session for row in self.store.browser_sessions.values() if row.is_live(at)]
        theirs = sorted(
            (each for each in live if each.subject == subject), key=lambda each: each.id
        )
        return sorted(theirs, key=lambda each: each.began_at, reverse=True)

    async def end(
        self,
        subject: StudentId,
        at: datetime,
        *,
        only: SessionId | None = None,
        but: SessionId | None = None,
    ) -> Sequence[SessionId]:
        ended = [
            each.id
            for each in await self.of(subject, at)
            if each.id != but and only in {None, each.id}
        ]
        for each in ended:
            row = self.store.browser_sessions[each]
            self.store.browser_sessions[each] = replace(row, ended_at=at)
        return ended
