"""All members of staff, for those who keep their accounts."""

from collections.abc import Sequence
from typing import Protocol

from domain.staff.staff_member import StaffId, StaffMember


class StaffReads(Protocol):
    async def members(self, *, at_most: int) -> Sequence[StaffMember]:
        """Return up to *at_most* members by name, those who are active first."""
        ...

    async def member(self, staff: StaffId) -> StaffMember:
        """Return the member, or raise ``NotFound``."""
        ...
