"""Draining a queue: a batch is claimed and processed concurrently; an entry that fails never ends the round."""

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
    How one queue is drained.

    *work_off* does the work of an entry and completes, reschedules or buries it. *put_back*
    reschedules or buries an entry whose work failed, for the reason it is given. *about* returns
    the fields that name an entry in the logs.
    """

    queue: WorkQueue[Entry]
    name: str
    work_off: Callable[[Entry], Awaitable[None]]
    put_back: Callable[[Entry, str], Awaitable[None]]
    about: Callable[[Entry], Mapping[str, object]]

    async def __call__(self, at: datetime, *, lease: timedelta, at_most: int) -> int:
        """
        Process one batch of the entries due *at* this instant (UTC) and return how many it had.

        Raises ``StorageUnavailable`` after every entry has ended. Any other failure is logged and
        counted, and its entry is put back.
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
            # Another unit changed the entry or the payment; putting it back shows which of the two.
            await self._put_back(entry, error, told)
        except Exception as error:
            # A failure of any kind must not keep the other entries of the batch from their turn.
            log.exception("queue.entry_failed", extra=told)
            await self._put_back(entry, error, told)

    async def _put_back(self, entry: Entry, error: Exception, told: Mapping[str, object]) -> None:
        try:
            await self.drain.put_back(entry, type(error).__name__)
        except StorageUnavailable:
            raise
        except ChangedMeanwhile:
            # The lease ended and another worker holds the entry, or the entry was cancelled.
            log.info("queue.lease_lost", extra=told)
        except Exception:
            # It is due again when its lease has ended.
            log.exception("queue.entry_not_rescheduled", extra=told)
        else:
            self.put_back += 1
