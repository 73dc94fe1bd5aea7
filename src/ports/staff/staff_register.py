"""Members of staff, kept one by one: read whole, written whole only if nothing changed since."""

from typing import Protocol

from domain.staff.staff_member import StaffId, StaffMember
from ports.cipher import SecretLocation


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


def seed_location(staff: StaffId) -> SecretLocation:
    """Return where a member's seed is stored, which is the location it is encrypted for."""
    return SecretLocation(table="staff", column="totp_seed", row=staff)
