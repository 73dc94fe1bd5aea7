"""Where members of staff confirm acts by codes, on real parts: the app, the cipher, the database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.postgres.engine.database import Database
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.totp.second_factor import TotpSecondFactor, code_of, step_at
from application.staff.manage_staff import AddStaff, EnrolSecondFactor
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.errors import ChangedMeanwhile
from domain.staff.access import Permission
from domain.staff.second_factor import TotpLimit
from domain.staff.staff_member import StaffId
from fakes.samples import BY_STAFF, a_member
from ports.audit_log import AuditEntry
from ports.cipher import CipherKeys
from ports.unit_of_work import UnitOfWork
from races.conftest import CROWD
from worlds.postgres import HandClock

LIMIT: Final = TotpLimit(attempts=5, lock=timedelta(minutes=15))
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

        return await self.confirm(shown(code, name), again, BY_STAFF)

    @property
    def confirm(self) -> VerifyTotp:
        return VerifyTotp(
            unit_of_work=self.unit_of_work,
            second_factor=FACTOR,
            cipher=self.cipher,
            clock=self.clock,
            limit=LIMIT,
        )

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


def shown(code: str, name: str = "mira", subject: str = "SK1") -> TotpAttempt:
    return TotpAttempt(
        staff=StaffId(name), permission=Permission.CREATE_REFUNDS, subject=subject, code=code
    )
