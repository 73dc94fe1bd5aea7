"""Sessions are ended by their owner or by a command, and the audit log tells of it."""

import pytest

from application.sign_in.end_sessions import EndSessions
from contracts.sign_in.browser_sessions_contract import ASHA, a_session
from domain.errors import NotFound
from domain.identifiers import StudentId
from fakes.samples import BY_STAFF
from worlds.memory import MemoryWorld


@pytest.fixture
async def end(world: MemoryWorld) -> EndSessions:
    for number in (1, 2):
        await world.memory.browser_sessions.begin(a_session(number, at=world.clock.now()), None)
    memory = world.memory
    return EndSessions(memory.browser_sessions, memory.unit_of_work, world.clock)


async def test_all_of_a_person_are_ended(world: MemoryWorld, end: EndSessions) -> None:
    """
    Once, with how many there were.
    """
    assert len(await end(ASHA, BY_STAFF)) == 2
    assert await end(ASHA, BY_STAFF) == []

    (line,) = world.audited("sessions.ended")
    assert (line.subject, line.origin, line.facts) == (f"person:{ASHA}", BY_STAFF, {"count": "2"})


async def test_one_is_ended(world: MemoryWorld, end: EndSessions) -> None:
    """
    And the other goes on.
    """
    assert await end(ASHA, BY_STAFF, only=a_session().id) == [a_session().id]
    assert len(await world.memory.browser_sessions.of(ASHA, world.clock.now())) == 1


async def test_all_but_one_are_ended(world: MemoryWorld, end: EndSessions) -> None:
    """
    Everywhere else.
    """
    assert await end(ASHA, BY_STAFF, but=a_session().id) == [a_session(2).id]


async def test_what_is_no_session_of_theirs(world: MemoryWorld, end: EndSessions) -> None:
    """
    Another person's is told like one that never was, and lives on.
    """
    with pytest.raises(NotFound):
        await end(StudentId("ravi"), BY_STAFF, only=a_session().id)

    assert len(await world.memory.browser_sessions.of(ASHA, world.clock.now())) == 2
    assert world.audited("sessions.ended") == []
