"""Members of staff in rows: written only if their version is unchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, literal, select, update

from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.staff.tables import staff
from domain.errors import NotFound
from domain.staff.access import Role
from domain.staff.staff_member import StaffId, StaffMember

ONE = literal(1)
READ = prepare(select(staff).where(staff.c.id == bindparam("wanted")))
MEMBERS = prepare(
    select(staff).order_by(staff.c.active.desc(), staff.c.name, staff.c.id).limit(bindparam("most"))
)
ADD = prepare(
    insert(staff).values({c.name: bindparam(c.name) for c in staff.columns}).returning(ONE)
)
UPDATE_IF_UNCHANGED = prepare(
    update(staff)
    .where(staff.c.id == bindparam("member"), staff.c.version == bindparam("read_version"))
    .values({c.name: bindparam(c.name) for c in staff.columns if c.name != "id"})
    .returning(ONE)
)


@dataclass(frozen=True, slots=True)
class PostgresStaff:
    connection: Connection
    writes: list[Write]

    async def get(self, staff: StaffId) -> StaffMember:
        rows = await self.connection.fetch(READ, wanted=staff)
        if not rows:
            raise NotFound("member of staff", staff)
        return to_member(rows[0])

    def add(self, member: StaffMember) -> None:
        self.writes.append(Write(ADD, to_columns(member)))

    def save(self, member: StaffMember) -> None:
        values = {
            **to_columns(member),
            "member": member.id,
            "read_version": member.version,
            "version": member.version + 1,
        }
        self.writes.append(Write(UPDATE_IF_UNCHANGED, values, expects="member of staff"))


@dataclass(frozen=True, slots=True)
class PostgresStaffReads:
    database: Database

    async def members(self, *, at_most: int) -> Sequence[StaffMember]:
        return [to_member(row) for row in await self.database.fetch(MEMBERS, most=at_most)]

    async def member(self, staff: StaffId) -> StaffMember:
        rows = await self.database.fetch(READ, wanted=staff)
        if not rows:
            raise NotFound("member of staff", staff)
        return to_member(rows[0])


def to_member(row: Mapping[str, Any]) -> StaffMember:
    return StaffMember(
        id=StaffId(row["id"]),
        name=row["name"],
        email=row["email"],
        roles=frozenset(map(Role, row["roles"])),
        active=row["active"],
        seed=row["totp_seed"],
        last_step=row["last_step"],
        attempts=row["attempts"],
        locked_until=row["locked_until"],
        version=row["version"],
    )


def to_columns(member: StaffMember) -> dict[str, object]:
    return {
        "id": member.id,
        "name": member.name,
        "email": member.email,
        "roles": sorted(member.roles),
        "active": member.active,
        "totp_seed": member.seed,
        "last_step": member.last_step,
        "attempts": member.attempts,
        "locked_until": member.locked_until,
        "version": member.version,
    }
