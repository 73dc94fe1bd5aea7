"""A TOTP code is counted before it is checked, and used up in the unit of the act that it confirms."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import pytest

from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.errors import ChangedMeanwhile, DomainError
from domain.staff.access import NotAllowed, Permission, Role
from domain.staff.second_factor import TotpLimit, TotpLocked, TotpNotEnrolled, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffMember
from fakes.cipher import MemoryCipher
from fakes.clock import NOON
from fakes.samples import BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_at, code_now, step_at
from ports.audit_log import AuditEntry
from ports.cipher import CannotDecrypt
from ports.staff.staff_register import seed_location
from ports.unit_of_work import StorageUnavailable
from worlds.memory import MemoryWorld

LIMIT: Final = TotpLimit(attempts=3, lock=timedelta(minutes=15))
SEED: Final = "SEED7"
MIRA: Final = a_member()
DONE: Final = AuditEntry(at=NOON, origin=BY_STAFF, action="act.done", subject="SK1")


class Refusal(DomainError):
    """What the act itself refuses."""


@dataclass
class Office:
    """A member with an app, and an act that writes one line of the trail when it is confirmed."""

    world: MemoryWorld
    cipher: MemoryCipher = field(default_factory=MemoryCipher)

    def __post_init__(self) -> None:
        self.has(replace(MIRA, seed=self.cipher.encrypt(SEED, seed_location(MIRA.id))))

    def has(self, member: StaffMember) -> None:
        self.world.memory.store.staff[member.id] = member

    @property
    def mira(self) -> StaffMember:
        return self.world.memory.store.staff[MIRA.id]

    @property
    def code(self) -> str:
        return code_now(SEED, self.world.clock.now())

    @property
    def done(self) -> int:
        return len(self.world.audited("act.done"))

    async def act(self, confirm: Confirm) -> str:
        async with self.world.memory.unit_of_work() as work:
            work.audit.add(DONE)
            await confirm(work)
        return "done"

    async def shows(self, code: str, act: Callable[[Confirm], Awaitable[str]] | None = None) -> str:
        confirmed = VerifyTotp(
            unit_of_work=self.world.memory.unit_of_work,
            second_factor=CountingFactor(),
            cipher=self.cipher,
            clock=self.world.clock,
            limit=LIMIT,
        )
        attempt = TotpAttempt(
            staff=MIRA.id, permission=Permission.CREATE_REFUNDS, subject="SK1", code=code
        )
        return await confirmed(attempt, act or self.act, BY_STAFF)


@pytest.fixture
def staff(world: MemoryWorld) -> Office:
    return Office(world)


async def test_a_right_code_does_the_act(staff: Office) -> None:
    """
    The act is done, the code used up, and no attempt stays counted.
    """
    assert await staff.shows(staff.code) == "done"
    assert staff.done == 1
    assert staff.mira.last_step == step_at(staff.world.clock.now())
    assert staff.mira.attempts == 0
    (accepted,) = staff.world.audited("staff.code_accepted")
    assert (accepted.subject, accepted.facts) == (f"staff:{MIRA.id}", {"for": "SK1"})
    assert accepted.origin == BY_STAFF


async def test_a_code_confirms_one_act(staff: Office) -> None:
    """
    Once used it confirms nothing more; the next code does.
    """
    await staff.shows(staff.code)

    with pytest.raises(TotpUsed):
        await staff.shows(staff.code)
    assert staff.done == 1
    staff.world.clock.move(timedelta(seconds=30))
    assert await staff.shows(staff.code) == "done"


async def test_a_code_may_be_typed_as_the_app_shows_it(staff: Office) -> None:
    """
    In two groups, with blanks.
    """
    code = staff.code

    assert await staff.shows(f" {code[:3]} {code[3:]} ") == "done"


async def test_of_two_acts_with_one_code_one_is_done(staff: Office) -> None:
    """
    Whichever is slower finds the code used.
    """
    code = staff.code
    ends = await asyncio.gather(staff.shows(code), staff.shows(code), return_exceptions=True)

    assert sorted(type(each).__name__ for each in ends) == ["TotpUsed", "str"]
    assert staff.done == 1


async def test_a_wrong_code_is_counted_and_audited(staff: Office) -> None:
    """
    The act is not done, the attempt stays counted, and the audit line says what it was for.
    """
    with pytest.raises(TotpWrong):
        await staff.shows("000000")

    assert (staff.done, staff.mira.attempts, staff.mira.last_step) == (0, 1, None)
    (line,) = staff.world.audited("staff.code_refused")
    assert (line.subject, line.facts) == (
        "staff:mira",
        {"refusal": "CodeWrong", "for": "SK1", "attempts": "1", "locked_until": ""},
    )


async def test_after_too_many_the_right_code_is_refused(staff: Office) -> None:
    """
    The refusal says when the lock ends; after it the code counts again.
    """
    for _ in range(3):
        with pytest.raises(TotpWrong):
            await staff.shows("000000")
    assert staff.world.audited("staff.code_refused")[-1].facts["locked_until"]

    with pytest.raises(TotpLocked):
        await staff.shows(staff.code)
    assert staff.done == 0
    staff.world.clock.move(LIMIT.lock)
    assert await staff.shows(staff.code) == "done"


async def test_many_codes_at_once_do_not_pass_the_limit(staff: Office) -> None:
    """
    Each is counted before it is checked: of fifty only three are checked.
    """
    looked = []

    async def act(confirm: Confirm) -> str:
        looked.append(1)
        return await staff.act(confirm)

    step = step_at(staff.world.clock.now())
    guesses = [code_at(SEED, step + 100 + number) for number in range(50)]
    ends = await asyncio.gather(
        *(staff.shows(each, act) for each in guesses), return_exceptions=True
    )

    kinds = {type(each) for each in ends}
    assert kinds <= {TotpWrong, TotpLocked, ChangedMeanwhile}
    assert len(looked) == 3
    assert staff.mira.attempts == 3


async def test_a_refused_act_leaves_the_code(staff: Office) -> None:
    """
    Refused before the code was checked: the code is not used, and no attempt stays counted.
    """

    async def refused(_: Confirm) -> str:
        raise Refusal

    for _ in range(5):
        with pytest.raises(Refusal):
            await staff.shows(staff.code, refused)
    assert staff.mira.attempts == 0
    assert await staff.shows(staff.code) == "done"


async def test_an_act_that_was_done_before_uses_nothing_up(staff: Office) -> None:
    """
    Whoever only gets an answer again keeps code and attempts.
    """

    async def known(_: Confirm) -> str:
        return "known"

    assert await staff.shows(staff.code, known) == "known"
    assert (staff.mira.attempts, staff.mira.last_step) == (0, None)


async def test_a_refusal_is_raised_even_if_the_attempt_stays_counted(staff: Office) -> None:
    """
    Taking the count back may fail; the refusal of the act matters more.
    """

    async def refused(_: Confirm) -> str:
        staff.world.memory.unit_of_work.gateway_failure.append(StorageUnavailable())
        raise Refusal

    with pytest.raises(Refusal):
        await staff.shows(staff.code, refused)
    assert staff.mira.attempts == 1


async def test_a_unit_that_fails_keeps_the_code(staff: Office) -> None:
    """
    Code and act are written together or not at all; the code was checked, so the attempt stays counted.
    """

    async def fails(confirm: Confirm) -> str:
        staff.world.memory.unit_of_work.gateway_failure.append(StorageUnavailable())
        return await staff.act(confirm)

    with pytest.raises(StorageUnavailable):
        await staff.shows(staff.code, fails)
    assert (staff.done, staff.mira.last_step, staff.mira.attempts) == (0, None, 1)


@pytest.mark.parametrize(
    "member",
    [a_member("mira", Role.SUPPORT), a_member(active=False), a_member("ravi")],
    ids=["without the role", "suspended", "nobody"],
)
async def test_whoever_may_not_is_not_asked_for_codes(
    world: MemoryWorld, member: StaffMember
) -> None:
    """
    An account that is not there is refused like one that may not.
    """
    staff = Office(world)
    world.memory.store.staff.clear()
    staff.has(member)

    with pytest.raises(NotAllowed) as refusal:
        await staff.shows(staff.code)
    assert refusal.value.permission is Permission.CREATE_REFUNDS


async def test_who_is_suspended_meanwhile_does_nothing_more(staff: Office) -> None:
    """
    The act's own unit reads the account again.
    """

    async def act(confirm: Confirm) -> str:
        staff.has(staff.mira.activated(active=False))
        return await staff.act(confirm)

    with pytest.raises(NotAllowed):
        await staff.shows(staff.code, act)
    assert staff.done == 0


async def test_without_an_app_there_is_nothing_to_show(staff: Office) -> None:
    """
    The member has to set one up first.
    """
    staff.has(MIRA)

    with pytest.raises(TotpNotEnrolled):
        await staff.shows("123456")


async def test_a_seed_that_cannot_be_decrypted_confirms_nothing(staff: Office) -> None:
    """
    It was moved here from another row, for example.
    """
    staff.has(replace(MIRA, seed=staff.cipher.encrypt(SEED, seed_location(a_member("ravi").id))))

    with pytest.raises(CannotDecrypt):
        await staff.shows(staff.code)
    assert staff.done == 0


async def test_a_code_shows_in_no_representation() -> None:
    """
    Until it is used it can confirm an act.
    """
    attempt = TotpAttempt(
        staff=MIRA.id, permission=Permission.CREATE_REFUNDS, subject="SK1", code="123456"
    )

    assert "123456" not in repr(attempt)
