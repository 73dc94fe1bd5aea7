"""What the work queues have in common: inbox, outbox, webhook deliveries, order polls and refund polls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEntry:
    """
    One entry that one worker holds. *attempts* counts this claim.

    Each claim is a new *generation*. The worker with the newest one holds the entry; an older holder
    has lost its lease and can change nothing.
    """

    attempts: int
    generation: int


Entry = TypeVar("Entry", bound=ClaimedEntry)
Entry_co = TypeVar("Entry_co", bound=ClaimedEntry, covariant=True)
Entry_contra = TypeVar("Entry_contra", bound=ClaimedEntry, contravariant=True)


class WorkQueue(Protocol[Entry_co]):
    """The side that a worker reads from."""

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[Entry_co]:
        """
        Return entries that are due and not leased to anyone, longest due first.

        They are leased to the caller until *at* + *lease* (UTC); no other caller gets them until then.
        """
        ...


class QueueWrites(Protocol[Entry_contra]):
    """
    The unit of work's side: an entry is discharged in the transaction that writes what it led to.

    The three methods make the unit end in ``ChangedMeanwhile`` when a newer holder has the entry.
    Each queue adds ``enqueue`` and, where work can become unnecessary, ``cancel``. Both are given
    what the work is about, because their caller need not hold an entry.
    """

    def complete(self, entry: Entry_contra, at: datetime) -> None:
        """Collect: the work is done."""
        ...

    def reschedule(self, entry: Entry_contra, *, due_at: datetime, why: str = "") -> None:
        """Collect: the entry is due again at *due_at*, for any worker."""
        ...

    def bury(self, entry: Entry_contra, at: datetime, *, why: str) -> None:
        """Collect: the entry is given up for the reason *why*, and is not claimed any more."""
        ...
