"""Codes shown at the same moment: each opens one act, few are looked at, and keys change under them all."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Self

import pytest

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.aesgcm.keys import CipherKeys
from adapters.postgres.database import Database
from adapters.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.totp.second_factor import TotpSecondFactor, code_of, step_at
from application.confirm_by_code import Confirm, ConfirmByCode, Presented
from application.keep_staff import AddStaff, EnrolSecondFactor
from application.rotate_secrets import RotateSecrets
from domain.access import Permission
from domain.errors import ChangedMeanwhile
from domain.staff import CodeLimit, CodeUsed, CodeWrong, SecondFactorLocked, StaffId
from fakes.samples import BY_STAFF, a_member
from ports.audit_log import AuditEntry
from ports.cipher import SealedText
from ports.staff_register import seed_place
from ports.unit_of_work import UnitOfWork
from races.conftest import CROWD
from races.meeting import MeetingPlace, MeetingUnitOfWork
from races.racing import all_at_once
from races.shop import HandClock

LIMIT: Final = CodeLimit(attempts=5, lock=timedelta(minutes=15))
OLD: Final = CipherKeys("old", {"old": bytes(range(32))})
BOTH: Final = CipherKeys("new", {"new": bytes(range(32, 64)), "old": bytes(range(32))})
FACTOR: Final = TotpSecondFactor("Shulk")
STEP: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where members of staff confirm acts, each of which leaves one line in the trail."""

    database: Database
    clock: HandClock
    cipher: AesGcmCipher
    unit_of_work: UnitOfWork

    @classmethod
    def open(cls, database: Database) -> Self:
        unit = PostgresUnitOfWork(database)
        return cls(database, HandClock(), AesGcmCipher.under(OLD), unit)

    async def hire(self, name: str = "mira") -> str:
        """Add a member with an app and return its seed; the present code is unused."""
        member = a_member(name)
        await AddStaff(self.unit_of_work, self.clock)(member, BY_STAFF)
        enrol = EnrolSecondFactor(self.unit_of_work, FACTOR, self.cipher, self.clock)
        seed = (await enrol.invite(member.id)).seed
        before = code_of(seed, step_at(self.clock.now()) - 1)
        await enrol.confirm(member.id, seed, before, BY_STAFF)
        return seed

    def code(self, seed: str) -> str:
        return code_of(seed, step_at(self.clock.now()))

    async def acts(self, code: str, name: str = "mira", looked: list[str] | None = None) -> str:
        async def act(confirm: Confirm) -> str:
            if looked is not None:
                looked.append(code)
            return await self._act_once(confirm)

        async def again(confirm: Confirm) -> str:
            for _ in range(CROWD * 2):
                try:
                    return await act(confirm)
                except ChangedMeanwhile:
                    continue
            return await act(confirm)

        confirmed = ConfirmByCode(
            unit_of_work=self.unit_of_work,
            second_factor=FACTOR,
            cipher=self.cipher,
            clock=self.clock,
            limit=LIMIT,
        )
        presented = Presented(
            staff=StaffId(name), permission=Permission.CREATE_REFUNDS, subject="SK1", code=code
        )
        return await confirmed(presented, again, BY_STAFF)

    async def _act_once(self, confirm: Confirm) -> str:
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(at=self.clock.now(), origin=BY_STAFF, action="act.done", subject="SK1")
            )
            await confirm(work)
        return "done"

    async def done(self) -> int:
        async with self.database.borrow() as connection:
            sql = "SELECT count(*) FROM audit_log WHERE action = 'act.done'"
            return int(await connection.driver.fetchval(sql))

    async def row(self, name: str = "mira") -> tuple[str, int, int]:
        async with self.database.borrow() as connection:
            sql = "SELECT totp_seed, last_step, attempts FROM staff WHERE id = $1"
            row = await connection.driver.fetchrow(sql, name)
            return tuple(row)


@pytest.fixture
def desk(crowded: Database) -> Desk:
    return Desk.open(crowded)


async def test_one_code_opens_one_of_two_acts_that_meet(desk: Desk) -> None:
    """
    Both units have read the code as unused and write at the same moment: the database takes one.
    """
    seed = await desk.hire()
    place = MeetingPlace(2)
    meeting = replace(
        desk, unit_of_work=MeetingUnitOfWork(desk.database, place, only="INSERT INTO audit_log")
    )

    got, told = await all_at_once(meeting.acts(desk.code(seed)) for _ in range(2))

    assert place.met
    assert (got, [type(each) for each in told]) == (["done"], [CodeUsed])
    assert await desk.done() == 1
    assert (await desk.row())[1] == step_at(desk.clock.now())


@pytest.mark.parametrize("again", range(5))
async def test_one_code_opens_one_act_of_a_few(desk: Desk, again: int) -> None:
    """
    As many as the limit lets be looked at, all with the right code.
    """
    seed = await desk.hire()

    got, told = await all_at_once(desk.acts(desk.code(seed)) for _ in range(LIMIT.attempts))

    assert got == ["done"]
    assert {type(each) for each in told} <= {CodeUsed, SecondFactorLocked, ChangedMeanwhile}
    assert await desk.done() == 1
    desk.clock.forward(STEP + LIMIT.lock)
    assert await desk.acts(desk.code(seed)) == "done"


async def test_a_crowd_of_guesses_does_not_pass_the_limit(desk: Desk) -> None:
    """
    However many come at once, only as many as the limit allows are looked at, and then none.
    """
    seed = await desk.hire()
    now = step_at(desk.clock.now())
    guesses = [code_of(seed, now + 1000 + number) for number in range(3 * CROWD)]
    looked = list[str]()

    got, told = await all_at_once(desk.acts(each, looked=looked) for each in guesses)

    assert got == []
    assert {type(each) for each in told} <= {CodeWrong, SecondFactorLocked, ChangedMeanwhile}
    assert len(set(looked)) <= LIMIT.attempts
    assert (await desk.row())[2] == len(set(looked)) >= 1
    while (await desk.row())[2] < LIMIT.attempts:
        with pytest.raises(CodeWrong):
            await desk.acts(guesses[0])
    with pytest.raises(SecondFactorLocked):
        await desk.acts(desk.code(seed))
    assert await desk.done() == 0


async def test_keys_change_while_codes_are_shown(desk: Desk) -> None:
    """
    Acts go on by either key, apps are set up meanwhile, and in the end nothing lies under the old one.
    """
    names = [f"member-{number:02}" for number in range(CROWD)]
    seeds = {name: await desk.hire(name) for name in names}
    both = replace(desk, cipher=AesGcmCipher.under(BOTH))
    secrets = PostgresSealedSecrets(desk.database)
    rotate = RotateSecrets(secrets, both.cipher, desk.unit_of_work, desk.clock, 3)
    newcomers = [f"newcomer-{number}" for number in range(3)]

    async def work(name: str) -> str:
        return await both.acts(both.code(seeds[name]), name)

    async with asyncio.TaskGroup() as group:
        acts = [group.create_task(work(name)) for name in names]
        rotation = group.create_task(rotate(BY_STAFF))
        hired = {name: group.create_task(both.hire(name)) for name in newcomers}

    assert [act.result() for act in acts] == ["done"] * CROWD
    assert rotation.result().unopened == ()
    assert dict(await secrets.by_key()) == {"new": CROWD + len(newcomers)}
    only_new = AesGcmCipher.under(CipherKeys("new", {"new": BOTH.by_id["new"]}))
    for name, seed in {**seeds, **{each: task.result() for each, task in hired.items()}}.items():
        sealed, _, _ = await desk.row(name)
        assert only_new.open(SealedText(sealed), seed_place(StaffId(name))) == seed
