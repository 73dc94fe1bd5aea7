"""What the installation's own work looks like: its queues, and when each job ran last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

COUNTED_MAX: Final = 1_000
"""More entries than that are not counted: it is enough to know that there are as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueHealth:
    """
    *due* entries could be processed now and nobody does, the oldest since *oldest_due_at* (UTC, None without one).

    *dead* ones were given up, and no person has ended them. Both counts end at ``COUNTED_MAX``.
    """

    name: str
    due: int
    oldest_due_at: datetime | None
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReading:
    """
    *last_runs* gives the beginning of the last slot (UTC) of each job that ran within two days.

    *unsealed_since* is the instant (UTC) of the oldest entry of the audit log that is not sealed, None without one.
    *differing* is of how many payments the books differ from what was decided, up to ``COUNTED_MAX``.
    """

    queues: Sequence[QueueHealth]
    last_runs: Mapping[str, datetime]
    unsealed_since: datetime | None = None
    differing: int = 0


class SystemHealth(Protocol):
    async def read(self, at: datetime, jobs: Sequence[str]) -> SystemReading:
        """Return how things stand at the instant *at* (UTC). Raises ``StorageUnavailable``."""
        ...
