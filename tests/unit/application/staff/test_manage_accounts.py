"""Accounts are kept by other administrators, each act with a code of theirs."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from application.staff.manage_accounts import INVITED_FOR, AccountCommand, ManageAccounts
from application.staff.verify_totp import VerifyTotp
from contracts.sign_in.browser_sessions_contract import a_session
from domain.errors import NotFound
from domain.identifiers import StudentId
from domain.staff.access import NotAllowed, Role
from domain.staff.second_factor import TotpLimit, TotpWrong
from domain.staff.staff_member import (
    InvitationOver,
    OwnAccount,
    StaffChanged,
    StaffExists,
    StaffId,
    StaffInvalid,
    StaffMember,
)
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_now
from ports.cipher import EncryptedText
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

ZOYA, ANITA, MIRA = StaffId("zoya"), StaffId("anita"), StaffId("mira")
SEEDS = {ZOYA: "SEED91", ANITA: "SEED92", MIRA: "SEED93"}
LIMIT = TotpLimit(attempts=5, lock=timedelta(minutes=15))


class Office:
    """Two administrators with apps, a member of finance without one, and what keeps their accounts."""

    def __init__(self, world: MemoryWorld) -> None:
        self.world, self.cipher = world, MemoryCipher()
        memory = world.memory
        factor: Any = CountingFactor()
        for admin in (ZOYA, ANITA):
            seed = self.cipher.encrypt(SEEDS[admin], seed_location(admin))
            memory.store.staff[admin] = a_member(admin, Role.ADMIN, seed=seed)
        memory.store.staff[MIRA] = a_member("mira", Role.FINANCE)
        verify = VerifyTotp(
            unit_of_work=memory.unit_of_work,
            second_factor=factor,
            cipher=self.cipher,
            clock=world.clock,
            limit=LIMIT,
        )
        self.accounts = ManageAccounts(
            verify_totp=verify,
            unit_of_work=memory.unit_of_work,
            second_factor=factor,
            cipher=self.cipher,
            sessions=memory.browser_sessions,
            clock=world.clock,
        )

    def member(self, staff: StaffId = MIRA) -> StaffMember:
        return self.world.memory.store.staff[staff]

    def command(self, staff: StaffId = MIRA, by: StaffId = ZOYA, **changes: Any) -> AccountCommand:
        self.world.clock.move(timedelta(seconds=30))
        code = code_now(SEEDS[by], self.world.clock.now())
        return AccountCommand(
            **{"staff": staff, "by": by, "origin": BY_STAFF, "code": code, **changes}
        )

    def actions(self) -> list[str]:
        """What was done, without the entries that say that the code was right."""
        audit = self.world.memory.store.audit
        return [entry.action for entry in audit if entry.action != "staff.code_accepted"]


@pytest.fixture
def office(world: MemoryWorld) -> Office:
    return Office(world)


async def test_an_account_is_added_once(office: Office) -> None:
    """
    With the code of whoever adds it; an id that is taken is refused, and costs no code.
    """
    ravi = a_member("ravi", Role.SUPPORT)
    await office.accounts.add(ravi, office.command(ravi.id))
    with pytest.raises(StaffExists):
        await office.accounts.add(ravi, office.command(ravi.id))

    assert office.member(ravi.id) == ravi
    assert office.actions() == ["staff.added"]


async def test_an_account_is_changed_by_another(office: Office) -> None:
    """
    Roles, suspension and the lost app, each in the audit log; sessions end at once.
    """
    sessions, now = office.world.memory.browser_sessions, office.world.clock.now()
    session = a_session(1, StudentId("mira"))
    await sessions.begin(session, None)
    accounts = office.accounts

    changed = await accounts.set_roles([Role.AUDITOR], office.command())
    assert changed.roles == {Role.AUDITOR}
    assert await sessions.find(session.id, now) is None
    assert not (await accounts.suspend(office.command())).active
    assert (await accounts.resume(office.command())).active
    assert (await accounts.remove_second_factor(office.command(ANITA))).seed is None
    assert office.actions() == [
        "staff.roles_set",
        "staff.suspended",
        "staff.resumed",
        "staff.second_factor_removed",
    ]


async def test_nobody_changes_their_own_account(office: Office) -> None:
    """
    Not their roles, not their app, not by a code that is right.
    """
    accounts, own = office.accounts, office.command(ZOYA)
    for refused in (
        accounts.set_roles([Role.ADMIN, Role.FINANCE], own),
        accounts.suspend(own),
        accounts.remove_second_factor(own),
        accounts.offer_seed(own),
        accounts.accept_seed(ZOYA, "x:y", "1", ZOYA, BY_STAFF),
    ):
        with pytest.raises(OwnAccount):
            await refused
    assert not office.actions()


async def test_of_two_who_suspend_each_other_one_is_left(office: Office) -> None:
    """
    At the same moment: the second finds that they are no administrator any more.
    """
    first, second = office.command(ANITA, by=ZOYA), office.command(ZOYA, by=ANITA)

    answers = await asyncio.gather(
        office.accounts.suspend(first), office.accounts.suspend(second), return_exceptions=True
    )

    assert sum(isinstance(each, NotAllowed) for each in answers) == 1
    assert office.member(ZOYA).active is not office.member(ANITA).active


async def test_an_account_that_was_changed_meanwhile(office: Office) -> None:
    """
    The second of two officers is told, and nothing is done; what they saw after is taken.
    """
    seen = office.member().fingerprint
    await office.accounts.suspend(office.command(seen=seen))
    for act in (office.accounts.resume, office.accounts.offer_seed):
        with pytest.raises(StaffChanged):
            await act(office.command(seen=seen))

    await office.accounts.resume(office.command(seen=office.member().fingerprint))
    assert office.member().active


async def test_an_act_needs_a_right_code(office: Office) -> None:
    """
    And an administrator.
    """
    with pytest.raises(TotpWrong):
        await office.accounts.suspend(office.command(code="000000"))
    with pytest.raises(NotAllowed):
        await office.accounts.suspend(office.command(ANITA, by=MIRA, code="000000"))

    assert office.member().active


async def test_what_the_domain_refuses(office: Office) -> None:
    """
    Nobody is without a role, and a stranger has no account.
    """
    with pytest.raises(StaffInvalid):
        await office.accounts.set_roles([], office.command())
    with pytest.raises(NotFound):
        await office.accounts.suspend(office.command(StaffId("nobody")))


async def test_an_app_is_set_up(office: Office) -> None:
    """
    The seed is shown once and stored by its first right code; sessions before it end.
    """
    sessions, now = office.world.memory.browser_sessions, office.world.clock.now()
    session = a_session(1, StudentId("mira"))
    await sessions.begin(session, None)
    shown = await office.accounts.offer_seed(office.command())
    seed = shown.invitation.seed
    assert seed in shown.invitation.provisioning_uri
    assert seed not in repr(shown)
    assert office.member().seed is None
    with pytest.raises(TotpWrong):
        await office.accounts.accept_seed(MIRA, shown.offered, "no", ZOYA, BY_STAFF)

    code = code_now(seed, office.world.clock.now())
    await office.accounts.accept_seed(MIRA, shown.offered, f"{code} ", ZOYA, BY_STAFF)

    kept = EncryptedText(office.member().seed or "")
    assert office.cipher.decrypt(kept, seed_location(MIRA)) == seed
    assert await sessions.find(session.id, now) is None
    assert office.actions() == ["staff.seed_shown", "staff.second_factor_set"]


async def test_an_offered_seed_is_for_one_member_and_a_while(office: Office) -> None:
    """
    Nobody brings a seed of their own, another's, or one of yesterday.
    """
    shown = await office.accounts.offer_seed(office.command())
    code = code_now(shown.invitation.seed, office.world.clock.now())
    for staff, offered in ((ANITA, shown.offered), (MIRA, "plain"), (MIRA, "k1:changed")):
        with pytest.raises(InvitationOver):
            await office.accounts.accept_seed(staff, offered, code, ZOYA, BY_STAFF)
    office.world.clock.move(INVITED_FOR)
    with pytest.raises(InvitationOver):
        await office.accounts.accept_seed(MIRA, shown.offered, code, ZOYA, BY_STAFF)

    assert office.member().seed is None
