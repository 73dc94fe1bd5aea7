"""A browser session begins for a person, as long as what they may do allows, and in place of the one before."""

from datetime import timedelta
from typing import Any, Final

import pytest

from application.sign_in.begin_session import BeginSession, SignInCommand
from application.staff.refuse_suspended import RefuseSuspended
from domain.identifiers import StudentId
from domain.sign_in.browser_session import SessionId, SessionLimits, TokenExchanged
from domain.staff.access import Role
from domain.staff.staff_member import StaffSuspended
from fakes.samples import a_member
from ports.audit_log import Origin, Source
from worlds.memory import MemoryWorld

ORIGIN: Final = Origin(actor="staff:mira", source=Source.SIGN_IN, ip="192.0.2.7")
STUDENTS: Final = SessionLimits(lifetime=timedelta(hours=2), idle=timedelta(minutes=30))
STAFF: Final = SessionLimits(lifetime=timedelta(hours=1), idle=timedelta(minutes=15))


def wanted(number: int = 1, *roles: Role, **changes: Any) -> SignInCommand:
    said = {
        "id": SessionId(f"{number:032x}"),
        "subject": StudentId("mira"),
        "name": "Mira",
        "email": "mira@example.com",
        "phone": "",
        "roles": frozenset(roles or {Role.STUDENT}),
        "token_sha256": f"{number:064x}",
        "browser": "Firefox",
        "origin": ORIGIN,
    }
    return SignInCommand(**{**said, **changes})


@pytest.fixture
def begin(world: MemoryWorld) -> BeginSession:
    return BeginSession(
        sessions=world.memory.browser_sessions,
        unit_of_work=world.memory.unit_of_work,
        refuse_suspended=RefuseSuspended(world.memory.unit_of_work),
        clock=world.clock,
        student_limits=STUDENTS,
        staff_limits=STAFF,
    )


async def test_a_student_is_signed_in(world: MemoryWorld, begin: BeginSession) -> None:
    """
    With what the token told, from now until the end of a student's session.
    """
    session = await begin(wanted())
    now = world.clock.now()

    assert (session.subject, session.name, session.email) == ("mira", "Mira", "mira@example.com")
    assert (session.began_at, session.seen_at, session.ends_at) == (
        now,
        now,
        now + STUDENTS.lifetime,
    )
    assert session.idle == STUDENTS.idle
    assert await world.memory.browser_sessions.find(session.id, now) == session


@pytest.mark.parametrize("roles", [{Role.SUPPORT}, {Role.STUDENT, Role.ADMIN}])
async def test_staff_stay_signed_in_for_less(begin: BeginSession, roles: set[Role]) -> None:
    """
    Whoever may do something to others' money, also when they study here.
    """
    session = await begin(wanted(1, *roles))

    assert session.is_staff
    assert (session.ends_at - session.began_at, session.idle) == (STAFF.lifetime, STAFF.idle)


async def test_a_suspended_member_is_not_signed_in(world: MemoryWorld, begin: BeginSession) -> None:
    """
    Whatever the platform says; as a student they still are one.
    """
    member = a_member("mira", active=False)
    world.memory.store.staff[member.id] = member
    with pytest.raises(StaffSuspended):
        await begin(wanted(1, Role.FINANCE))

    assert world.memory.store.browser_sessions == {}
    assert not (await begin(wanted(2))).is_staff


async def test_a_token_is_exchanged_once(world: MemoryWorld, begin: BeginSession) -> None:
    """
    A second exchange begins nothing and ends nothing.
    """
    first = await begin(wanted())
    with pytest.raises(TokenExchanged):
        await begin(wanted(2, token_sha256=f"{1:064x}", replaces=first))

    live = await world.memory.browser_sessions.of(StudentId("mira"), world.clock.now())
    assert live == [first]


async def test_a_browser_has_one_session(world: MemoryWorld, begin: BeginSession) -> None:
    """
    Signed in again, also as somebody else, it keeps nothing of the session before.
    """
    first = await begin(wanted())
    second = await begin(wanted(2, subject=StudentId("ravi"), replaces=first))

    assert await world.memory.browser_sessions.find(first.id, world.clock.now()) is None
    assert await world.memory.browser_sessions.find(second.id, world.clock.now()) == second


async def test_staff_who_sign_in_are_written_down(world: MemoryWorld, begin: BeginSession) -> None:
    """
    Whoever it is, with which roles and from where; a student leaves no entry, and a token used twice none either.
    """
    await begin(wanted(1, Role.STUDENT))
    await begin(wanted(2, Role.FINANCE, Role.ADMIN))
    with pytest.raises(TokenExchanged):
        await begin(wanted(3, Role.ADMIN, token_sha256=f"{2:064x}"))

    (entry,) = world.memory.store.audit
    assert (entry.action, entry.subject) == ("staff.signed_in", "staff:mira")
    assert (entry.facts, entry.origin) == ({"roles": "admin finance"}, ORIGIN)
