"""Staff are kept by acts that the trail tells of, and an app is believed by its first code only."""

import pytest

from application.staff.manage_staff import AddStaff, ChangeStaff, EnrolSecondFactor
from domain.errors import ChangedMeanwhile, NotFound
from domain.staff.access import Role
from domain.staff.staff_member import CodeWrong, StaffExists, StaffId, StaffInvalid, StaffMember
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_now, step_at
from ports.cipher import SealedText
from ports.staff.staff_register import seed_place
from worlds.memory import Academy

MIRA = StaffId("mira")


def kept(academy: Academy) -> StaffMember:
    return academy.memory.store.staff[MIRA]


@pytest.fixture
def add(academy: Academy) -> AddStaff:
    return AddStaff(academy.memory.unit_of_work, academy.clock)


@pytest.fixture
def change(academy: Academy) -> ChangeStaff:
    return ChangeStaff(academy.memory.unit_of_work, academy.clock)


@pytest.fixture
def cipher() -> MemoryCipher:
    return MemoryCipher()


@pytest.fixture
def enrol(academy: Academy, cipher: MemoryCipher) -> EnrolSecondFactor:
    unit = academy.memory.unit_of_work
    return EnrolSecondFactor(unit, CountingFactor(), cipher, academy.clock)


async def test_a_member_is_added(academy: Academy, add: AddStaff) -> None:
    """
    As given, and the trail says who did it and which roles were given.
    """
    await add(a_member(), BY_STAFF)

    assert kept(academy) == a_member()
    (line,) = academy.audited("staff.added")
    assert (line.subject, line.origin, line.facts) == ("staff:mira", BY_STAFF, {"roles": "finance"})


async def test_an_id_is_taken_once(academy: Academy, add: AddStaff) -> None:
    """
    Who is there already is not written over, and nothing is audited.
    """
    await add(a_member(), BY_STAFF)

    with pytest.raises(StaffExists) as refusal:
        await add(a_member("mira", Role.ADMIN), BY_STAFF)
    assert refusal.value.staff == MIRA
    assert kept(academy).roles == {Role.FINANCE}
    assert len(academy.audited("staff.added")) == 1


async def test_of_two_who_add_the_same_one_is_told(academy: Academy, add: AddStaff) -> None:
    """
    Deciding again, the slower one sees who was faster.
    """
    academy.memory.unit_of_work.trouble.append(ChangedMeanwhile("staff_pkey"))
    academy.memory.unit_of_work.afterwards.append(
        lambda: academy.memory.store.staff.update({MIRA: a_member()})
    )

    with pytest.raises(StaffExists):
        await add(a_member(), BY_STAFF)


async def test_roles_are_set_and_shown(
    academy: Academy, add: AddStaff, change: ChangeStaff
) -> None:
    """
    Exactly those that were named.
    """
    await add(a_member(), BY_STAFF)

    assert (await change.set_roles(MIRA, [Role.SUPPORT], BY_STAFF)).roles == {Role.SUPPORT}
    assert (await change.show(MIRA)).roles == {Role.SUPPORT}
    assert academy.audited("staff.roles_set")[0].facts == {"roles": "support"}


async def test_no_roles_are_refused(academy: Academy, add: AddStaff, change: ChangeStaff) -> None:
    """
    Suspending is the way to take everything away.
    """
    await add(a_member(), BY_STAFF)

    with pytest.raises(StaffInvalid):
        await change.set_roles(MIRA, [], BY_STAFF)
    assert kept(academy).roles == {Role.FINANCE}


async def test_a_member_is_suspended_and_resumed(
    academy: Academy, add: AddStaff, change: ChangeStaff
) -> None:
    """
    Both are told by the trail.
    """
    await add(a_member(), BY_STAFF)

    assert not (await change.suspend(MIRA, BY_STAFF)).active
    assert not kept(academy).active
    assert (await change.resume(MIRA, BY_STAFF)).active
    assert kept(academy).active
    assert academy.audited("staff.suspended")
    assert academy.audited("staff.resumed")


async def test_an_app_is_believed_by_its_first_code(
    academy: Academy, add: AddStaff, enrol: EnrolSecondFactor, cipher: MemoryCipher
) -> None:
    """
    Then its seed lies sealed for its place, and that code is used up.
    """
    await add(a_member(), BY_STAFF)
    invited = await enrol.invite(MIRA)
    assert kept(academy).seed is None

    await enrol.confirm(MIRA, invited.seed, code_now(invited.seed, academy.clock.now()), BY_STAFF)

    member = kept(academy)
    assert member.last_step == step_at(academy.clock.now())
    assert cipher.open(SealedText(member.seed or ""), seed_place(MIRA)) == invited.seed
    assert invited.seed not in (member.seed or "")
    assert "mira@example.com" in invited.address
    assert academy.audited("staff.second_factor_set")[0].subject == "staff:mira"
    assert invited.seed not in str(academy.memory.store.audit)


async def test_a_wrong_first_code_leaves_the_old_app(
    academy: Academy, add: AddStaff, enrol: EnrolSecondFactor
) -> None:
    """
    Nobody loses their app by beginning to set up another.
    """
    await add(a_member(seed="today:old"), BY_STAFF)
    invited = await enrol.invite(MIRA)

    with pytest.raises(CodeWrong):
        await enrol.confirm(MIRA, invited.seed, "000000", BY_STAFF)
    assert kept(academy).seed == "today:old"
    assert not academy.audited("staff.second_factor_set")


async def test_a_lost_app_opens_nothing(
    academy: Academy, add: AddStaff, change: ChangeStaff
) -> None:
    """
    Removed at once, before there is a new one.
    """
    await add(a_member(seed="today:old"), BY_STAFF)

    assert (await change.remove_second_factor(MIRA, BY_STAFF)).seed is None
    assert kept(academy).seed is None
    assert academy.audited("staff.second_factor_removed")


async def test_nobody_is_nobody(change: ChangeStaff, enrol: EnrolSecondFactor) -> None:
    """
    An unknown id is an error, for whatever is asked.
    """
    for asked in (change.show(MIRA), change.suspend(MIRA, BY_STAFF), enrol.invite(MIRA)):
        with pytest.raises(NotFound):
            await asked
