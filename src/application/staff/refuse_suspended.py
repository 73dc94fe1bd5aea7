"""Refuse a member of staff who is suspended, whatever their token or session says."""

from dataclasses import dataclass

from domain.errors import NotFound
from domain.staff.staff_member import StaffId, StaffSuspended
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RefuseSuspended:
    unit_of_work: UnitOfWork

    async def __call__(self, staff: StaffId) -> None:
        """Return, or raise ``StaffSuspended``; somebody without an account here is not refused."""
        async with self.unit_of_work() as work:
            try:
                member = await work.staff.register.get(staff)
            except NotFound:
                return
        if not member.active:
            raise StaffSuspended(staff)
