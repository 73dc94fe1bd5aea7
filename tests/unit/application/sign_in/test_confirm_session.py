"""A code opens the console: once, with the roles that both sides give, in a session of its own."""

from dataclasses import replace
from typing import Final

import pytest

from adapters.totp.second_factor import TotpSecondFactor, code_of, step_at
from application.sign_in.confirm_session import ConfirmSession, ConfirmSessionCommand
from contracts.sign_in.browser_sessions_contract import a_session
from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId
from domain.staff.access import NotAllowed, Role
from domain.staff.second_factor import TotpNotEnrolled, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffId
from fakes.samples import BY_STAFF, a_member
from ports.cipher import Cipher
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

RENEWED: Final = SessionId("c" * 32)
SEED: Final = TotpSecondFactor("tests").new_seed()


@pytest.fixture
def confirm(world: MemoryWorld) -> ConfirmSession:
    use_case: ConfirmSession = world.use_cases.sign_in().confirm_session()
    return use_case


async def present(
    world: MemoryWorld, *roles: Role, account: tuple[Role, ...] = (Role.FINANCE,), app: bool = True
) -> BrowserSession:
    """Return the session in which Mira is signed in; her account here has the roles of *account*."""
    at = world.clock.now()
    session = replace(a_session(1, StudentId("mira"), at=at), roles=frozenset(roles))
    await world.memory.browser_sessions.begin(session, None)
    cipher: Cipher = world.wiring.container.cipher()
    seed = cipher.encrypt(SEED, seed_location(StaffId("mira"))) if app else None
    member = a_member("mira", *account, seed=seed)
    world.memory.store.staff[member.id] = member
    return session


def command(world: MemoryWorld, session: BrowserSession, code: str = "") -> ConfirmSessionCommand:
    shown = code or code_of(SEED, step_at(world.clock.now()))
    return ConfirmSessionCommand(session=session, renewed=RENEWED, origin=BY_STAFF, code=shown)


async def test_a_code_opens_the_console(world: MemoryWorld, confirm: ConfirmSession) -> None:
    """
    The session is another one, the one before is over, and the audit log tells of it.
    """
    before = await present(world, Role.FINANCE)
    session = await confirm(command(world, before))
    now = world.clock.now()

    assert (session.id, session.confirmed_at, session.ends_at) == (RENEWED, now, before.ends_at)
    assert await world.memory.browser_sessions.find(RENEWED, now) == session
    assert await world.memory.browser_sessions.find(before.id, now) is None
    (entry,) = world.audited("staff.console_entered")
    assert (entry.subject, entry.facts) == ("staff:mira", {"roles": "finance"})


async def test_roles_are_those_that_both_give(world: MemoryWorld, confirm: ConfirmSession) -> None:
    """
    What either the platform or the account here does not say, opens nothing.
    """
    account = (Role.FINANCE, Role.ADMIN)
    session = await confirm(
        command(world, await present(world, Role.SUPPORT, Role.FINANCE, account=account))
    )

    assert session.roles == {Role.FINANCE}


async def test_without_a_role_of_both_nothing_opens(
    world: MemoryWorld, confirm: ConfirmSession
) -> None:
    """
    And the session is as it was.
    """
    before = await present(world, Role.ADMIN, account=(Role.SUPPORT,))
    with pytest.raises(NotAllowed):
        await confirm(command(world, before))

    now = world.clock.now()
    assert await world.memory.browser_sessions.find(before.id, now) is not None
    assert await world.memory.browser_sessions.find(RENEWED, now) is None
    assert not world.audited("staff.console_entered")


async def test_a_code_opens_it_once(world: MemoryWorld, confirm: ConfirmSession) -> None:
    """
    Whoever looked over a shoulder comes too late.
    """
    before = await present(world, Role.FINANCE)
    await confirm(command(world, before))
    other = replace(before, id=SessionId("d" * 32))
    await world.memory.browser_sessions.begin(other, None)
    with pytest.raises(TotpUsed):
        await confirm(command(world, other))


@pytest.mark.parametrize(("app", "refusal"), [(True, TotpWrong), (False, TotpNotEnrolled)])
async def test_anything_else_opens_nothing(
    world: MemoryWorld, confirm: ConfirmSession, *, app: bool, refusal: type[Exception]
) -> None:
    """
    Neither a wrong code nor one of somebody who has no app.
    """
    before = await present(world, Role.FINANCE, app=app)
    with pytest.raises(refusal):
        await confirm(command(world, before, "no code"))

    assert await world.memory.browser_sessions.find(RENEWED, world.clock.now()) is None
