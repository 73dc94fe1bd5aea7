"""Browser sessions cached in Redis before the register that keeps them: Redis may lose all of them at any time."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId
from domain.staff.access import Role
from ports.sign_in.browser_sessions import BrowserSessions

log = logging.getLogger(__name__)

CACHED_FOR: Final = timedelta(minutes=1)
ENDED_FOR: Final = timedelta(minutes=5)
"""Longer than any request runs that read the session before it ended, and could cache it afterwards."""

ENDED: Final = b"ended"
LEFT_ALONE_SECONDS: Final = 10.0

Result = TypeVar("Result")


class CachedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it was found at the instant *cached_at*."""

    cached_at: datetime
    subject: str
    name: str
    email: str
    phone: str
    roles: tuple[str, ...]
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    idle_seconds: float
    browser: str
    ip: str
    confirmed_at: datetime | None = None


@dataclass(slots=True)
class RedisBrowserSessions:
    """
    A session is looked up in Redis first, and there is trusted for ``CACHED_FOR``.

    What ends a session writes that into Redis, where it is never written over. Without Redis every
    request asks *sessions*, and nobody is signed out.
    """

    sessions: BrowserSessions
    redis: Redis
    _left_alone_until: float = field(default=0.0, init=False)

    async def begin(self, session: BrowserSession, token_sha256: str | None) -> None:
        await self.sessions.begin(session, token_sha256)

    async def find(self, session: SessionId, at: datetime) -> BrowserSession | None:
        known = await self._tried(partial(self.redis.get, _key(session)))
        if known == ENDED:
            return None
        if isinstance(known, bytes) and (cached := _cached(session, known, at)) is not None:
            return cached if cached.is_live(at) else None
        found = await self.sessions.find(session, at)
        if found is not None:
            text = _text_of(found, at)
            await self._tried(partial(self.redis.set, _key(session), text, ex=CACHED_FOR, nx=True))
        return found

    async def of(self, subject: StudentId, at: datetime) -> Sequence[BrowserSession]:
        return await self.sessions.of(subject, at)

    async def end(
        self,
        subject: StudentId,
        at: datetime,
        *,
        only: SessionId | None = None,
        but: SessionId | None = None,
    ) -> Sequence[SessionId]:
        ended = await self.sessions.end(subject, at, only=only, but=but)
        for each in ended:
            await self._tried(partial(self.redis.set, _key(each), ENDED, ex=ENDED_FOR))
        return ended

    async def _tried(self, call: Callable[[], Awaitable[Result]]) -> Result | None:
        """Return what Redis answers, None when it does not; then it is left alone for a while."""
        if time.monotonic() < self._left_alone_until:
            return None
        try:
            return await call()
        except (RedisError, OSError, TimeoutError) as error:
            self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            log.warning(
                "browser_session.without_redis",
                extra={"dependency": "redis", "trouble": type(error).__name__},
            )
            return None


def _key(session: SessionId) -> str:
    return f"shulk-browser-session:{session}"


def _text_of(session: BrowserSession, at: datetime) -> bytes:
    return msgspec.json.encode(
        CachedSession(
            cached_at=at,
            subject=session.subject,
            name=session.name,
            email=session.email,
            phone=session.phone,
            roles=tuple(sorted(session.roles)),
            began_at=session.began_at,
            seen_at=session.seen_at,
            ends_at=session.ends_at,
            idle_seconds=session.idle.total_seconds(),
            browser=session.browser,
            ip=session.ip,
            confirmed_at=session.confirmed_at,
        )
    )


def _cached(session: SessionId, text: bytes, at: datetime) -> BrowserSession | None:
    """Return the session in *text*, None when it is too old to be trusted, or of another release."""
    try:
        known = msgspec.json.decode(text, type=CachedSession)
        roles = frozenset(map(Role, known.roles))
    except (msgspec.DecodeError, ValueError):
        return None
    if abs(at - known.cached_at) >= CACHED_FOR:
        return None
    return BrowserSession(
        id=session,
        subject=StudentId(known.subject),
        name=known.name,
        email=known.email,
        phone=known.phone,
        roles=roles,
        began_at=known.began_at,
        seen_at=known.seen_at,
        ends_at=known.ends_at,
        idle=timedelta(seconds=known.idle_seconds),
        browser=known.browser,
        ip=known.ip,
        confirmed_at=known.confirmed_at,
    )
