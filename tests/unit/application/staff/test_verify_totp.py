"""A code is counted before it is looked at, and used up by the very unit of the act it opens."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import pytest

from application.staff.verify_totp import Confirm, ConfirmByCode, Presented
from domain.errors import ChangedMeanwhile, DomainError
from domain.staff.access import NotAllowed, Permission, Role
from domain.staff.staff_member import (
    CodeLimit,
    CodeUsed,
    CodeWrong,
    SecondFactorLocked,
    SecondFactorMissing,
    StaffMember,
)
from fakes.cipher import MemoryCipher
from fakes.clock import NOON
from fakes.samples import BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_at, code_now, step_at
from ports.audit_log import AuditEntry
from ports.cipher import CannotOpen
from ports.staff.staff_register import seed_place
from ports.unit_of_work import StorageUnavailable
from worlds.memory import Academy

LIMIT: Final = CodeLimit(attempts=3, lock=timedelta(minutes=15))
SEED: Final = "SEED7"
MIRA: Final = a_member()
DONE: Final = AuditEntry(at=NOON, origin=BY_STAFF, action="act.done", subject="SK1")


class Refusal(DomainError):
    """What the act itself refuses."""


@dataclass
class Office:
    """A member with an app, and an act that writes one line of the trail when it is confirmed."""

    academy: Academy
    cipher: MemoryCipher = field(default_factory=MemoryCipher)

    def __post_init__(self) -> None:
        self.has(replace(MIRA, seed=self.cipher.seal(SEED, seed_place(MIRA.id))))

    def has(self, member: StaffMember) -> None:
        self.academy.memory.store.staff[member.id] = member

    @property
    def mira(self) -> StaffMember:
        return self.academy.memory.store.staff[MIRA.id]

    @property
    def code(self) -> str:
        return code_now(SEED, self.academy.clock.now())

    @property
    def done(self) -> int:
        return len(self.academy.audited("act.done"))

    async def act(self, confirm: Confirm) -> str:
        async with self.academy.memory.unit_of_work() as work:
            work.audit.add(DONE)
            await confirm(work)
        return "done"

    async def shows(self, code: str, act: Callable[[Confirm], Awaitable[str]] | None = None) -> str:
        confirmed = ConfirmByCode(
            unit_of_work=self.academy.memory.unit_of_work,
            second_factor=CountingFactor(),
            cipher=self.cipher,
            clock=self.academy.clock,
            limit=LIMIT,
        )
        presented = Presented(
            staff=MIRA.id, permission=Permission.CREATE_REFUNDS, subject="SK1", code=code
        )
        return await confirmed(presented, act or self.act, BY_STAFF)


@pytest.fixture
def office(academy: Academy) -> Office:
    return Office(academy)


async def test_a_right_code_does_the_act(office: Office) -> None:
    """
    The act is done, the code used up, and no attempt stays counted.
    """
    assert await office.shows(office.code) == "done"
    assert office.done == 1
    assert office.mira.last_step == step_at(office.academy.clock.now())
    assert office.mira.attempts == 0


async def test_a_code_opens_one_act(office: Office) -> None:
    """
    Used once it opens nothing more; the next one does.
    """
    await office.shows(office.code)

    with pytest.raises(CodeUsed):
        await office.shows(office.code)
    assert office.done == 1
    office.academy.clock.move(timedelta(seconds=30))
    assert await office.shows(office.code) == "done"


async def test_of_two_acts_with_one_code_one_is_done(office: Office) -> None:
    """
    However they meet, the slower one finds the code used.
    """
    code = office.code
    ends = await asyncio.gather(office.shows(code), office.shows(code), return_exceptions=True)

    assert sorted(type(each).__name__ for each in ends) == ["CodeUsed", "str"]
    assert office.done == 1


async def test_a_wrong_code_is_counted_and_told(office: Office) -> None:
    """
    The act comes to nothing, the attempt stays, and the trail says for what it was.
    """
    with pytest.raises(CodeWrong):
        await office.shows("000000")

    assert (office.done, office.mira.attempts, office.mira.last_step) == (0, 1, None)
    (line,) = office.academy.audited("staff.code_refused")
    assert (line.subject, line.facts) == (
        "staff:mira",
        {"refusal": "CodeWrong", "for": "SK1", "attempts": "1", "locked_until": ""},
    )


async def test_after_too_many_the_right_code_opens_nothing(office: Office) -> None:
    """
    The lock is told with its end; after it the code counts again.
    """
    for _ in range(3):
        with pytest.raises(CodeWrong):
            await office.shows("000000")
    assert office.academy.audited("staff.code_refused")[-1].facts["locked_until"]

    with pytest.raises(SecondFactorLocked):
        await office.shows(office.code)
    assert office.done == 0
    office.academy.clock.move(LIMIT.lock)
    assert await office.shows(office.code) == "done"


async def test_many_codes_at_once_do_not_pass_the_limit(office: Office) -> None:
    """
    Each is counted before anybody looks at it: of fifty only three are looked at.
    """
    looked = []

    async def act(confirm: Confirm) -> str:
        looked.append(1)
        return await office.act(confirm)

    step = step_at(office.academy.clock.now())
    guesses = [code_at(SEED, step + 100 + number) for number in range(50)]
    ends = await asyncio.gather(
        *(office.shows(each, act) for each in guesses), return_exceptions=True
    )

    kinds = {type(each) for each in ends}
    assert kinds <= {CodeWrong, SecondFactorLocked, ChangedMeanwhile}
    assert len(looked) == 3
    assert office.mira.attempts == 3


async def test_a_refused_act_leaves_the_code(office: Office) -> None:
    """
    Refused before anybody looked, nothing is used up and no attempt stays counted.
    """

    async def refused(_: Confirm) -> str:
        raise Refusal

    for _ in range(5):
        with pytest.raises(Refusal):
            await office.shows(office.code, refused)
    assert office.mira.attempts == 0
    assert await office.shows(office.code) == "done"


async def test_an_act_that_was_done_before_uses_nothing_up(office: Office) -> None:
    """
    Whoever only gets an answer again keeps code and attempts.
    """

    async def known(_: Confirm) -> str:
        return "known"

    assert await office.shows(office.code, known) == "known"
    assert (office.mira.attempts, office.mira.last_step) == (0, None)


async def test_a_refusal_is_told_even_if_the_attempt_stays(office: Office) -> None:
    """
    Giving it back may fail; what was refused is what matters.
    """

    async def refused(_: Confirm) -> str:
        office.academy.memory.unit_of_work.trouble.append(StorageUnavailable())
        raise Refusal

    with pytest.raises(Refusal):
        await office.shows(office.code, refused)
    assert office.mira.attempts == 1


async def test_a_unit_that_fails_keeps_the_code(office: Office) -> None:
    """
    Code and act are written as one or not at all; looked at, the attempt stays counted.
    """

    async def fails(confirm: Confirm) -> str:
        office.academy.memory.unit_of_work.trouble.append(StorageUnavailable())
        return await office.act(confirm)

    with pytest.raises(StorageUnavailable):
        await office.shows(office.code, fails)
    assert (office.done, office.mira.last_step, office.mira.attempts) == (0, None, 1)


@pytest.mark.parametrize(
    "member",
    [a_member("mira", Role.SUPPORT), a_member(active=False), a_member("ravi")],
    ids=["without the role", "suspended", "nobody"],
)
async def test_whoever_may_not_is_not_asked_for_codes(
    academy: Academy, member: StaffMember
) -> None:
    """
    An account that is not there is refused like one that may not.
    """
    office = Office(academy)
    academy.memory.store.staff.clear()
    office.has(member)

    with pytest.raises(NotAllowed) as refusal:
        await office.shows(office.code)
    assert refusal.value.permission is Permission.CREATE_REFUNDS


async def test_who_is_suspended_meanwhile_does_nothing_more(office: Office) -> None:
    """
    The act's own unit looks at the account once more.
    """

    async def act(confirm: Confirm) -> str:
        office.has(office.mira.activated(active=False))
        return await office.act(confirm)

    with pytest.raises(NotAllowed):
        await office.shows(office.code, act)
    assert office.done == 0


async def test_without_an_app_there_is_nothing_to_show(office: Office) -> None:
    """
    The member has to set one up first.
    """
    office.has(MIRA)

    with pytest.raises(SecondFactorMissing):
        await office.shows("123456")


async def test_a_seed_that_does_not_open_lets_nobody_in(office: Office) -> None:
    """
    Moved here from another row, say.
    """
    office.has(replace(MIRA, seed=office.cipher.seal(SEED, seed_place(a_member("ravi").id))))

    with pytest.raises(CannotOpen):
        await office.shows(office.code)
    assert office.done == 0


async def test_a_code_shows_in_no_representation() -> None:
    """
    Until it is used it opens something.
    """
    presented = Presented(
        staff=MIRA.id, permission=Permission.CREATE_REFUNDS, subject="SK1", code="123456"
    )

    assert "123456" not in repr(presented)
