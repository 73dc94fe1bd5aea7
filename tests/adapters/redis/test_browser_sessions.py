"""The cache of browser sessions keeps their contract on a real Valkey, and loses nothing with it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from adapters.redis.browser_sessions import CACHED_FOR, RedisBrowserSessions
from contracts.sign_in.browser_sessions_contract import (
    ASHA,
    BrowserSessionsContract,
    a_session,
    begin,
)
from domain.sign_in.browser_session import BrowserSession, SessionId
from entrypoints.cli.embedded import embedded_valkey
from fakes.clock import NOON
from fakes.memory import Memory
from fakes.sign_in.browser_sessions import MemoryBrowserSessions
from fakes.valkey import ComingAndGoing
from ports.sign_in.browser_sessions import BrowserSessions


@dataclass(slots=True)
class Cached:
    """What is kept in memory, behind a cache in Valkey."""

    memory: Memory
    redis: Redis
    browser_sessions: BrowserSessions

    @classmethod
    def before(cls, memory: Memory, redis: Redis) -> "Cached":
        return cls(memory, redis, RedisBrowserSessions(memory.browser_sessions, redis))


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest_asyncio.fixture
async def storage(valkey: str) -> AsyncIterator[Cached]:
    async with Redis.from_url(valkey) as redis:
        await redis.flushall()
        yield Cached.before(Memory(), redis)


class TestCachedBrowserSessions(BrowserSessionsContract):
    async def test_a_cached_session_is_not_read_again(self, storage: Cached) -> None:
        """
        For a minute; then the register is asked.
        """
        await begin(storage, a_session())
        sessions, rows = storage.browser_sessions, storage.memory.store.browser_sessions
        await sessions.find(a_session().id, NOON)
        rows.clear()

        almost = NOON + CACHED_FOR - timedelta(seconds=1)
        assert await sessions.find(a_session().id, almost) == a_session()
        assert await sessions.find(a_session().id, NOON + CACHED_FOR) is None

    async def test_an_empty_redis_signs_nobody_out(self, storage: Cached) -> None:
        """
        What was lost is read from the register, and cached again.
        """
        await begin(storage, a_session())
        await storage.browser_sessions.find(a_session().id, NOON)
        await storage.redis.flushall()

        assert await storage.browser_sessions.find(a_session().id, NOON) == a_session()

    async def test_an_ended_session_is_not_cached_by_a_slow_reader(self, storage: Cached) -> None:
        """
        Another process read it while it was live, and caches what it read after its end.
        """
        await begin(storage, a_session())

        class EndedWhileRead(MemoryBrowserSessions):
            async def find(self, session: SessionId, at: datetime) -> BrowserSession | None:
                read = await storage.memory.browser_sessions.find(session, at)
                await storage.browser_sessions.end(ASHA, at, only=session)
                return read

        slow = RedisBrowserSessions(EndedWhileRead(storage.memory.store), storage.redis)
        assert await slow.find(a_session().id, NOON) == a_session()

        assert await storage.browser_sessions.find(a_session().id, NOON) is None

    async def test_nonsense_in_the_cache_is_passed_over(self, storage: Cached) -> None:
        """
        What another release wrote, or nobody, is not a session.
        """
        await begin(storage, a_session())
        await storage.browser_sessions.find(a_session().id, NOON)
        (key,) = await storage.redis.keys("*")
        for text in (b"{", b"{}", b"[]", b"\xff"):
            await storage.redis.set(key, text)
            assert await storage.browser_sessions.find(a_session().id, NOON) == a_session()


async def test_a_redis_that_is_away_signs_nobody_out(tmp_path: Path) -> None:
    """
    Sessions begin, are found and end without it, and it is not asked for each request.
    """
    with ExitStack() as stack:
        valkey = ComingAndGoing(tmp_path, stack)
        memory = Memory()
        async with Redis.from_url(valkey.url, socket_connect_timeout=0.25) as redis:
            storage = Cached.before(memory, redis)
            await begin(storage, a_session())
            sessions = storage.browser_sessions

            assert await sessions.find(a_session().id, NOON) == a_session()
            assert await sessions.end(ASHA, NOON) == [a_session().id]
            assert await sessions.find(a_session().id, NOON) is None
