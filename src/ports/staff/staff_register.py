"""The members of staff: each is read whole, and written whole only if it did not change since."""

from typing import Protocol

from domain.staff.staff_member import StaffId, StaffMember
from ports.cipher import SecretLocation


class StaffRegister(Protocol):
    """The part of a unit of work that reads and writes members of staff."""

    async def get(self, staff: StaffId) -> StaffMember:
        """Return the member, or raise ``NotFound``."""
        ...

    def add(self, member: StaffMember) -> None:
        """Collect a new member; an id that is taken makes the unit end in ``ChangedMeanwhile``."""
        ...

    def save(self, member: StaffMember) -> None:
        """Collect the changed member; one changed meanwhile makes the unit end in ``ChangedMeanwhile``."""
        ...


def seed_location(staff: StaffId) -> SecretLocation:
    """Return where a member's seed is stored, which is the location it is encrypted for."""
    return SecretLocation(table="staff", column="totp_seed", row=staff)
