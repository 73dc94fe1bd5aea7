"""All members of staff, in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.staff.staff_member import StaffId, StaffMember
from fakes.staff.staff_register import MemoryStaff
from fakes.store import Store


@dataclass(frozen=True, slots=True)
class MemoryStaffReads:
    store: Store

    async def members(self, *, at_most: int) -> Sequence[StaffMember]:
        await asyncio.sleep(0)
        in_order = sorted(
            self.store.staff.values(), key=lambda each: (not each.active, each.name, each.id)
        )
        return in_order[:at_most]

    async def member(self, staff: StaffId) -> StaffMember:
        return await MemoryStaff(self.store, []).get(staff)
