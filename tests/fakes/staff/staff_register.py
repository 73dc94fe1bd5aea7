"""Members of staff in memory: read whole, written whole only if nothing changed since."""

import asyncio
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile, NotFound
from domain.staff.staff_member import StaffId, StaffMember
from fakes.store import Change, FaultOfOurs, Store


@dataclass(frozen=True, slots=True)
class MemoryStaff:
    store: Store
    changes: list[Change]

    async def get(self, staff: StaffId) -> StaffMember:
        await asyncio.sleep(0)
        found = self.store.staff.get(staff)
        if found is None:
            raise NotFound("member of staff", staff)
        return found

    def add(self, member: StaffMember) -> None:
        def change(store: Store) -> None:
            if member.id in store.staff:
                raise ChangedMeanwhile("staff_pkey")
            store.staff[member.id] = _sound(member, None)

        self.changes.append(change)

    def save(self, member: StaffMember) -> None:
        def change(store: Store) -> None:
            known = store.staff.get(member.id)
            if known is None or known.version != member.version:
                raise ChangedMeanwhile("member of staff")
            store.staff[member.id] = _sound(replace(member, version=member.version + 1), known)

        self.changes.append(change)


def _sound(member: StaffMember, before: StaffMember | None) -> StaffMember:
    if member.seed is not None and ":" not in member.seed:
        raise FaultOfOurs("a seed lies there for all to read")
    if before is not None and (member.last_step or -1) < (before.last_step or -1):
        raise FaultOfOurs("a code that was used is used for good")
    return member
