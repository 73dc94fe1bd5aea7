"""Changes of staff are written to the audit log, and an app is enrolled by its first code only."""

import pytest

from application.staff.manage_staff import AddStaff, ChangeStaff, EnrolSecondFactor
from contracts.sign_in.browser_sessions_contract import a_session
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import StudentId
from domain.staff.access import Role
from domain.staff.second_factor import TotpWrong
from domain.staff.staff_member import StaffExists, StaffId, StaffInvalid, StaffMember
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_now, step_at
from ports.cipher import EncryptedText
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

MIRA = StaffId("mira")


def kept(world: MemoryWorld) -> StaffMember:
    return world.memory.store.staff[MIRA]


@pytest.fixture
def add(world: MemoryWorld) -> AddStaff:
    return AddStaff(world.memory.unit_of_work, world.clock)


@pytest.fixture
def change(world: MemoryWorld) -> ChangeStaff:
    memory = world.memory
    return ChangeStaff(memory.unit_of_work, world.clock, memory.browser_sessions)


@pytest.fixture
def cipher() -> MemoryCipher:
    return MemoryCipher()


@pytest.fixture
def enrol(world: MemoryWorld, cipher: MemoryCipher) -> EnrolSecondFactor:
    unit = world.memory.unit_of_work
    return EnrolSecondFactor(unit, CountingFactor(), cipher, world.clock)


async def test_a_member_is_added(world: MemoryWorld, add: AddStaff) -> None:
    """
    As given, and the trail says who did it and which roles were given.
    """
    await add(a_member(), BY_STAFF)

    assert kept(world) == a_member()
    (line,) = world.audited("staff.added")
    assert (line.subject, line.origin, line.facts) == ("staff:mira", BY_STAFF, {"roles": "finance"})


async def test_an_id_is_taken_once(world: MemoryWorld, add: AddStaff) -> None:
    """
    Who is there already is not written over, and nothing is audited.
    """
    await add(a_member(), BY_STAFF)

    with pytest.raises(StaffExists) as refusal:
        await add(a_member("mira", Role.ADMIN), BY_STAFF)
    assert refusal.value.staff == MIRA
    assert kept(world).roles == {Role.FINANCE}
    assert len(world.audited("staff.added")) == 1


async def test_of_two_who_add_the_same_one_is_refused(world: MemoryWorld, add: AddStaff) -> None:
    """
    Deciding again, the slower one finds the account.
    """
    world.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("staff_pkey"))
    world.memory.unit_of_work.afterwards.append(
        lambda: world.memory.store.staff.update({MIRA: a_member()})
    )

    with pytest.raises(StaffExists):
        await add(a_member(), BY_STAFF)


async def test_roles_are_set_and_shown(
    world: MemoryWorld, add: AddStaff, change: ChangeStaff
) -> None:
    """
    Exactly those that were named.
    """
    await add(a_member(), BY_STAFF)

    assert (await change.set_roles(MIRA, [Role.SUPPORT], BY_STAFF)).roles == {Role.SUPPORT}
    assert (await change.show(MIRA)).roles == {Role.SUPPORT}
    assert world.audited("staff.roles_set")[0].facts == {"roles": "support"}


async def test_no_roles_are_refused(world: MemoryWorld, add: AddStaff, change: ChangeStaff) -> None:
    """
    To take every permission away, a member is suspended.
    """
    await add(a_member(), BY_STAFF)

    with pytest.raises(StaffInvalid):
        await change.set_roles(MIRA, [], BY_STAFF)
    assert kept(world).roles == {Role.FINANCE}


async def test_a_member_is_suspended_and_resumed(
    world: MemoryWorld, add: AddStaff, change: ChangeStaff
) -> None:
    """
    Both are written to the audit log.
    """
    await add(a_member(), BY_STAFF)

    assert not (await change.suspend(MIRA, BY_STAFF)).active
    assert not kept(world).active
    assert (await change.resume(MIRA, BY_STAFF)).active
    assert kept(world).active
    assert world.audited("staff.suspended")
    assert world.audited("staff.resumed")


@pytest.mark.parametrize("change_made", ["roles", "suspended", "app removed"])
async def test_what_a_member_may_no_longer_do_ends_their_sessions(
    world: MemoryWorld, add: AddStaff, change: ChangeStaff, change_made: str
) -> None:
    """
    The sessions hold what was true when they began.
    """
    await add(a_member(), BY_STAFF)
    session = a_session(1, StudentId(MIRA), at=world.clock.now())
    await world.memory.browser_sessions.begin(session, None)
    match change_made:
        case "roles":
            await change.set_roles(MIRA, [Role.SUPPORT], BY_STAFF)
        case "suspended":
            await change.suspend(MIRA, BY_STAFF)
        case _:
            await change.remove_second_factor(MIRA, BY_STAFF)

    assert await world.memory.browser_sessions.find(session.id, world.clock.now()) is None


async def test_an_app_is_enrolled_by_its_first_code(
    world: MemoryWorld, add: AddStaff, enrol: EnrolSecondFactor, cipher: MemoryCipher
) -> None:
    """
    Then its seed is stored encrypted, and that code is used up.
    """
    await add(a_member(), BY_STAFF)
    invited = await enrol.invite(MIRA)
    assert kept(world).seed is None

    await enrol.confirm(MIRA, invited.seed, code_now(invited.seed, world.clock.now()), BY_STAFF)

    member = kept(world)
    assert member.last_step == step_at(world.clock.now())
    assert cipher.decrypt(EncryptedText(member.seed or ""), seed_location(MIRA)) == invited.seed
    assert invited.seed not in (member.seed or "")
    assert "mira@example.com" in invited.provisioning_uri
    assert world.audited("staff.second_factor_set")[0].subject == "staff:mira"
    assert invited.seed not in str(world.memory.store.audit)


async def test_a_wrong_first_code_leaves_the_old_app(
    world: MemoryWorld, add: AddStaff, enrol: EnrolSecondFactor
) -> None:
    """
    Nobody loses their app by beginning to set up another.
    """
    await add(a_member(seed="today:old"), BY_STAFF)
    invited = await enrol.invite(MIRA)

    with pytest.raises(TotpWrong):
        await enrol.confirm(MIRA, invited.seed, "000000", BY_STAFF)
    assert kept(world).seed == "today:old"
    assert not world.audited("staff.second_factor_set")


async def test_a_lost_app_opens_nothing(
    world: MemoryWorld, add: AddStaff, change: ChangeStaff
) -> None:
    """
    Removed at once, before there is a new one.
    """
    await add(a_member(seed="today:old"), BY_STAFF)

    assert (await change.remove_second_factor(MIRA, BY_STAFF)).seed is None
    assert kept(world).seed is None
    assert world.audited("staff.second_factor_removed")


async def test_an_unknown_member_is_not_found(
    change: ChangeStaff, enrol: EnrolSecondFactor
) -> None:
    """
    By whatever method.
    """
    for asked in (change.show(MIRA), change.suspend(MIRA, BY_STAFF), enrol.invite(MIRA)):
        with pytest.raises(NotFound):
            await asked
