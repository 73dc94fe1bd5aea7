"""A suspended member of staff does nothing, whatever their token says."""

import pytest

from application.staff.refuse_suspended import RefuseSuspended
from domain.staff.staff_member import StaffId, StaffSuspended
from fakes.samples import a_member
from worlds.memory import MemoryWorld


@pytest.mark.parametrize("active", [True, False])
async def test_only_who_is_suspended_is_refused(world: MemoryWorld, *, active: bool) -> None:
    """
    An active account passes, and so does somebody who has none here.
    """
    refuse = RefuseSuspended(world.memory.unit_of_work)
    member = a_member("mira", active=active)
    world.memory.store.staff[member.id] = member

    await refuse(StaffId("nobody"))
    if active:
        await refuse(member.id)
    else:
        with pytest.raises(StaffSuspended):
            await refuse(member.id)
