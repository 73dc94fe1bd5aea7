"""Working off a queue: a batch is claimed and dealt with concurrently, and no entry ends the round for the others."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic

from application.run_concurrently import run_concurrently
from domain.errors import ChangedMeanwhile
from ports.unit_of_work import StorageUnavailable
from ports.work_queue import Entry, WorkQueue

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain(Generic[Entry]):
    """
    How one queue is worked off.

    *work_off* does what an entry asks for and completes, reschedules or buries it. *put_back*
    reschedules or buries one that could not be worked off, for the reason it is given.
    *about* tells which entry it is, for the logs.
    """

    queue: WorkQueue[Entry]
    name: str
    work_off: Callable[[Entry], Awaitable[None]]
    put_back: Callable[[Entry, str], Awaitable[None]]
    about: Callable[[Entry], Mapping[str, object]]

    async def __call__(self, at: datetime, *, lease: timedelta, at_most: int) -> int:
        """
        Work off one batch of what is due *at* and return how many entries it had.

        Raises ``StorageUnavailable``, when all have ended: then there is no use in the next round.
        Whatever else becomes of an entry is logged, counted and put back.
        """
        entries = await self.queue.claim(at, lease=lease, at_most=at_most)
        round_ = _Round(self)
        await run_concurrently(round_.deal_with(entry) for entry in entries)
        if round_.put_back:
            told = {"queue": self.name, "count": round_.put_back}
            log.warning("queue.round_incomplete", extra=told)
        return len(entries)


@dataclass(slots=True)
class _Round(Generic[Entry]):
    drain: Drain[Entry]
    put_back: int = field(default=0, init=False)

    async def deal_with(self, entry: Entry) -> None:
        told = {"queue": self.drain.name, **self.drain.about(entry)}
        try:
            await self.drain.work_off(entry)
        except StorageUnavailable:
            raise
        except ChangedMeanwhile as error:
            # Somebody was faster, at the entry or at what it is about; putting it back will tell.
            await self._put_back(entry, error, told)
        except Exception as error:
            # Whatever is wrong with this one, it must not stand in the way of the others.
            log.exception("queue.entry_failed", extra=told)
            await self._put_back(entry, error, told)

    async def _put_back(self, entry: Entry, error: Exception, told: Mapping[str, object]) -> None:
        try:
            await self.drain.put_back(entry, type(error).__name__)
        except StorageUnavailable:
            raise
        except ChangedMeanwhile:
            # The lease ran out and another holds the entry now, or it is not needed any more.
            log.info("queue.lease_lost", extra=told)
        except Exception:
            # It comes back when its lease has run out.
            log.exception("queue.entry_not_rescheduled", extra=told)
        else:
            self.put_back += 1
