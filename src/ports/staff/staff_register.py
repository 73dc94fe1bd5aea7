"""Members of staff, kept one by one: read whole, written whole only if nothing changed since."""

from typing import Protocol

from domain.staff.staff_member import StaffId, StaffMember
from ports.cipher import Place


class StaffRegister(Protocol):
    """The unit of work's side."""

    async def get(self, staff: StaffId) -> StaffMember:
        """Return the member, or raise ``NotFound``."""
        ...

    def add(self, member: StaffMember) -> None:
        """Collect a new member; an id that is taken makes the unit end in ``ChangedMeanwhile``."""
        ...

    def save(self, member: StaffMember) -> None:
        """Collect what became of a member; changed meanwhile, the unit ends in ``ChangedMeanwhile``."""
        ...


def seed_place(staff: StaffId) -> Place:
    """Return the place that a member's seed is sealed for: where it is kept."""
    return Place(table="staff", column="totp_seed", row=staff)
