"""What waits for a member of staff: how much of each kind, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

COUNTED_MAX: Final = 1_000
"""More of a kind than that is not counted: it is enough to know that there is as much."""


class WorkKind(StrEnum):
    """The gravest first."""

    OVERDUE_DISCREPANCY = "overdue_discrepancy"
    REFUND_APPROVAL = "refund_approval"
    RESOLUTION_APPROVAL = "resolution_approval"
    CONFIGURATION_APPROVAL = "configuration_approval"
    """A gateway configuration that waits for a second officer."""

    REVIEW = "review"
    DEAD_LETTER = "dead_letter"
    HELD_FILE = "held_file"
    WAITING_REISSUE = "waiting_reissue"
    DISCREPANCY = "discrepancy"
    """One that is open, and whose owner still has time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWork:
    """*count*, at most ``COUNTED_MAX``, of a *kind*, the oldest *since* then (UTC)."""

    kind: WorkKind
    count: int
    since: datetime

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= COUNTED_MAX


class WaitingWorkReads(Protocol):
    async def waiting(self, member: str, at: datetime) -> Sequence[WaitingWork]:
        """
        Return what waits at the instant *at* (UTC), in the order of the kinds; a kind without any is left out.

        *member* is who asks, as the audit log names people: what that person proposed waits for another one,
        and is not counted. Raises ``StorageUnavailable``.
        """
        ...
