"""Members of staff confirm acts by TOTP codes, on PostgreSQL; each act leaves one line in the audit log."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.totp.second_factor import code_of, step_at
from application.staff.verify_totp import Confirm, TotpAttempt
from domain.errors import ChangedMeanwhile
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from entrypoints.wiring.use_cases.staff import code_limit
from fakes.samples import BY_STAFF, a_member
from ports.audit_log import AuditEntry
from ports.cipher import CipherKeys
from races.conftest import CROWD
from worlds.postgres import SETTINGS, PostgresWorld

OLD: Final = CipherKeys("old", {"old": bytes(range(32))})
BOTH: Final = CipherKeys("new", {"new": bytes(range(32, 64)), "old": bytes(range(32))})
UNDER_OLD: Final = replace(SETTINGS, cipher_keys=OLD)
UNDER_BOTH: Final = replace(SETTINGS, cipher_keys=BOTH)
LIMIT: Final = code_limit(SETTINGS)
STEP: Final = timedelta(seconds=30)


async def add_member(world: PostgresWorld, name: str = "mira") -> str:
    """Add a member with an authenticator app and return its seed; the present code is unused."""
    member, staff = a_member(name), world.use_cases.staff()
    await staff.add_staff()(member, BY_STAFF)
    enrol = staff.enrol_second_factor()
    seed: str = (await enrol.invite(member.id)).seed
    before = code_of(seed, step_at(world.clock.now()) - 1)
    await enrol.confirm(member.id, seed, before, BY_STAFF)
    return seed


def code_now(world: PostgresWorld, seed: str) -> str:
    return code_of(seed, step_at(world.clock.now()))


async def act(
    world: PostgresWorld, code: str, name: str = "mira", verified: list[str] | None = None
) -> str:
    """Act once by *code*; each time the code is verified it is added to *verified*."""

    async def once(confirm: Confirm) -> str:
        if verified is not None:
            verified.append(code)
        async with world.unit_of_work() as work:
            work.audit.add(
                AuditEntry(at=world.clock.now(), origin=BY_STAFF, action="act.done", subject="SK1")
            )
            await confirm(work)
        return "done"

    async def retried(confirm: Confirm) -> str:
        for _ in range(CROWD * 2):
            try:
                return await once(confirm)
            except ChangedMeanwhile:
                continue
        return await once(confirm)

    verify_totp = world.use_cases.staff().verify_totp()
    return await verify_totp(attempt(code, name), retried, BY_STAFF)


async def acts_done(world: PostgresWorld) -> int:
    return int(await world.value("SELECT count(*) FROM audit_log WHERE action = 'act.done'"))


async def row_of(world: PostgresWorld, name: str = "mira") -> tuple[str, int, int]:
    """Return the encrypted seed, the last step used and the failed attempts of *name*."""
    ((seed, last_step, attempts),) = await world.rows(
        "SELECT totp_seed, last_step, attempts FROM staff WHERE id = $1", name
    )
    return seed, last_step, attempts


def attempt(code: str, name: str = "mira", subject: str = "SK1") -> TotpAttempt:
    return TotpAttempt(
        staff=StaffId(name), permission=Permission.CREATE_REFUNDS, subject=subject, code=code
    )
