"""What any keeper of browser sessions must do: run against the fake, PostgreSQL, and the cache before it."""

import asyncio
from datetime import datetime, timedelta
from typing import Final, Protocol

import pytest

from domain.identifiers import StudentId
from domain.sign_in.browser_session import SEEN_EVERY, BrowserSession, SessionId, TokenExchanged
from domain.staff.access import Role
from fakes.clock import NOON
from ports.sign_in.browser_sessions import BrowserSessions

ASHA: Final = StudentId("auth0|64f")
LIFETIME: Final = timedelta(hours=2)
IDLE: Final = timedelta(minutes=30)
SECOND: Final = timedelta(seconds=1)
TOKEN: Final = "ab" * 32


def a_session(number: int = 1, subject: StudentId = ASHA, *, at: datetime = NOON) -> BrowserSession:
    return BrowserSession(
        id=SessionId(f"{number:032x}"),
        subject=subject,
        name="आशा",
        email="asha@example.com",
        phone="+919845012345",
        roles=frozenset({Role.STUDENT, Role.FINANCE}),
        began_at=at,
        seen_at=at,
        ends_at=at + LIFETIME,
        idle=IDLE,
        browser="Firefox",
        ip="2001:db8::1",
    )


class KeepsSessions(Protocol):
    @property
    def browser_sessions(self) -> BrowserSessions: ...


async def begin(storage: KeepsSessions, *sessions: BrowserSession) -> None:
    for session in sessions:
        await storage.browser_sessions.begin(session, None)


class BrowserSessionsContract:
    """Subclasses give the fixture ``storage``."""

    async def test_a_session_is_found_as_it_began(self, storage: KeepsSessions) -> None:
        """
        Whole, and nobody else's; one that never began is None.
        """
        other = a_session(2, StudentId("x" * 255))
        await begin(storage, a_session(), other)

        assert await storage.browser_sessions.find(a_session().id, NOON) == a_session()
        assert await storage.browser_sessions.find(other.id, NOON) == other
        assert await storage.browser_sessions.find(SessionId("f" * 32), NOON) is None

    async def test_a_confirmed_session_stays_confirmed(self, storage: KeepsSessions) -> None:
        """
        However often it is found; another one of the same person is not.
        """
        confirmed = a_session(2).confirmed(SessionId("c" * 32), {Role.FINANCE}, NOON + SECOND)
        await begin(storage, a_session(), confirmed)
        for at in (NOON + SECOND, NOON + 2 * SEEN_EVERY):
            found = await storage.browser_sessions.find(confirmed.id, at)
            assert found is not None
            assert found.confirmed_at == NOON + SECOND
            assert found.roles == {Role.FINANCE}
            other = await storage.browser_sessions.find(a_session().id, at)
            assert other is not None
            assert other.confirmed_at is None

    async def test_a_session_ends_at_its_time(self, storage: KeepsSessions) -> None:
        """
        However often it is used.
        """
        await begin(storage, a_session())
        at = NOON
        while at < NOON + LIFETIME:
            assert await storage.browser_sessions.find(a_session().id, at) is not None
            at += IDLE / 2

        assert await storage.browser_sessions.find(a_session().id, at) is None

    async def test_a_session_that_is_left_alone_ends(self, storage: KeepsSessions) -> None:
        """
        Counted from its last request; found once, it lives on from there.
        """
        await begin(storage, a_session(), a_session(2))
        seen = NOON + IDLE - SECOND
        found = await storage.browser_sessions.find(a_session().id, seen)

        assert found == a_session().seen(seen)
        assert await storage.browser_sessions.find(a_session(2).id, NOON + IDLE) is None
        assert await storage.browser_sessions.find(a_session().id, seen + IDLE - SECOND) is not None

    async def test_a_request_is_noted_once_a_minute(self, storage: KeepsSessions) -> None:
        """
        Each would be a write.
        """
        await begin(storage, a_session())
        for at in (NOON + SECOND, NOON + SEEN_EVERY - SECOND):
            found = await storage.browser_sessions.find(a_session().id, at)
            assert found is not None
            assert found.seen_at == NOON

    async def test_sessions_of_a_person_are_listed(self, storage: KeepsSessions) -> None:
        """
        The live ones, the newest first, and nobody else's.
        """
        later = a_session(2, at=NOON + SECOND)
        await begin(storage, a_session(), later, a_session(3, StudentId("ravi")))
        sessions = storage.browser_sessions

        assert await sessions.of(ASHA, NOON + SECOND) == [later, a_session()]
        assert await sessions.of(ASHA, NOON + LIFETIME) == []
        assert await sessions.of(StudentId("nobody"), NOON) == []

    async def test_an_ended_session_is_found_no_more(self, storage: KeepsSessions) -> None:
        """
        Also one that was found a moment before; the others of the person go on.
        """
        await begin(storage, a_session(), a_session(2))
        sessions = storage.browser_sessions
        await sessions.find(a_session().id, NOON)

        assert await sessions.end(ASHA, NOON, only=a_session().id) == [a_session().id]
        assert await sessions.find(a_session().id, NOON) is None
        assert await sessions.of(ASHA, NOON) == [a_session(2)]
        assert await sessions.find(a_session(2).id, NOON) == a_session(2)
        assert await sessions.end(ASHA, NOON, only=a_session().id) == []

    async def test_another_persons_session_is_not_ended(self, storage: KeepsSessions) -> None:
        """
        Who knows its id cannot end it.
        """
        await begin(storage, a_session())

        assert (
            await storage.browser_sessions.end(StudentId("ravi"), NOON, only=a_session().id) == []
        )
        assert await storage.browser_sessions.find(a_session().id, NOON) is not None

    async def test_all_sessions_but_one_are_ended(self, storage: KeepsSessions) -> None:
        """
        Everywhere else, or everywhere.
        """
        await begin(storage, a_session(), a_session(2), a_session(3))
        sessions = storage.browser_sessions
        await sessions.find(a_session(2).id, NOON)
        ended = await sessions.end(ASHA, NOON, but=a_session(3).id)

        assert sorted(ended) == [a_session().id, a_session(2).id]
        assert await sessions.find(a_session(2).id, NOON) is None
        assert await sessions.end(ASHA, NOON) == [a_session(3).id]
        assert await sessions.of(ASHA, NOON) == []

    async def test_a_token_begins_one_session(self, storage: KeepsSessions) -> None:
        """
        Of many at once one begins; later none does, even when that session has ended.
        """
        sessions = storage.browser_sessions
        tries = await asyncio.gather(
            *(sessions.begin(a_session(number), TOKEN) for number in range(1, 6)),
            return_exceptions=True,
        )

        assert sum(each is None for each in tries) == 1
        assert sum(isinstance(each, TokenExchanged) for each in tries) == 4
        assert len(await sessions.end(ASHA, NOON)) == 1
        with pytest.raises(TokenExchanged):
            await sessions.begin(a_session(9), TOKEN)
        await sessions.begin(a_session(10), TOKEN[::-1])

    async def test_many_begin_without_a_token(self, storage: KeepsSessions) -> None:
        """
        None is not a token that could be used twice.
        """
        await begin(storage, *(a_session(number) for number in range(1, 4)))

        assert len(await storage.browser_sessions.of(ASHA, NOON)) == 3

    async def test_an_old_session_makes_room(self, storage: KeepsSessions) -> None:
        """
        Beginning another one long afterwards works as ever.
        """
        await begin(storage, a_session())
        later = NOON + timedelta(days=3)
        new = a_session(2, at=later)
        await begin(storage, new)

        assert await storage.browser_sessions.of(ASHA, later) == [new]
