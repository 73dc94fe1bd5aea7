"""How idle workers wait: until something falls due, for nothing else could give them work."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from entrypoints.jobs.loops import HEARTBEAT_SECONDS
from fakes.store import QueueRow, Store

LOOKS_OFTEN_SECONDS: Final = 1.0
LOOKS_AGAIN_SECONDS: Final = 5.0
"""Who looks for work seldomer than this does it at hours of its own."""

UNHURRIED_SECONDS: Final = 12 * 3600.0
WAITING: Final = frozenset({"new", "deferred", "open"})
SOON_SECONDS: Final = 0.001


@dataclass(slots=True)
class Watch:
    """Those who wait for the same rows, each with the moment before which it does not look again."""

    rows: Callable[[], Iterable[QueueRow]]
    sleepers: dict["asyncio.Future[None]", float] = field(default_factory=dict)
    armed_for: float = float("inf")


class Rest:
    """
    The waits of all workers of a life.

    A worker looks for work twice a second, and nearly always there is none. To look at each of these moments would take
    most of the time of a life, so a worker that found nothing sleeps until an entry of its queues is due. It sleeps at
    least as long as production does.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], draws: Random) -> None:
        self._store, self._now, self._draws = store, now, draws
        self._often, self._again = Watch(self._messages), Watch(self._polls)
        self.unhurried = UNHURRIED_SECONDS

    def stirred(self) -> None:
        """Something was written: whoever has work by that looks soon."""
        loop = asyncio.get_running_loop()
        for watch in (self._often, self._again):
            due = self._due(watch)
            if due < watch.armed_for and watch.sleepers:
                watch.armed_for = due
                for future, earliest in watch.sleepers.items():
                    loop.call_at(max(due, earliest), _wake, future)

    async def wait(self, shutdown: asyncio.Event, event: asyncio.Event, seconds: float) -> None:
        """
        Wait until *event* is set, or for *seconds*, or longer while there is nothing to do.

        Who waits for the *shutdown* of its process has failed and will try again, after exactly so long.
        """
        if event.is_set():
            return
        if event is shutdown and seconds < HEARTBEAT_SECONDS:
            await asyncio.sleep(seconds)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        moment, part = loop.time(), self._draws.uniform(0.5, 1)
        if seconds > LOOKS_AGAIN_SECONDS:
            loop.call_at(moment + max(seconds, self.unhurried) * part, _wake, woken)
            await woken
            return
        watch = self._often if seconds <= LOOKS_OFTEN_SECONDS else self._again
        earliest = moment + seconds * part
        due = self._due(watch)
        watch.sleepers[woken] = earliest
        watch.armed_for = min(due, watch.armed_for) if watch.armed_for > moment else due
        loop.call_at(max(due, earliest), _wake, woken)
        await woken
        watch.sleepers.pop(woken, None)

    def _due(self, watch: Watch) -> float:
        """Return when the next entry is due, on the loop's clock; at the latest when the unhurried look."""
        moment = asyncio.get_running_loop().time()
        latest = moment + self.unhurried
        due = min((_at(row) for row in watch.rows() if row.state in WAITING), default=None)
        if due is None:
            return latest
        return min(moment + max((due - self._now()).total_seconds(), 0) + SOON_SECONDS, latest)

    def _messages(self) -> Iterable[QueueRow]:
        store = self._store
        yield from store.inbox.values()
        yield from store.outbox.values()
        yield from store.webhook_deliveries.values()

    def _polls(self) -> Iterable[QueueRow]:
        yield from self._store.order_polls.values()
        yield from self._store.refund_polls.values()


def _at(row: QueueRow) -> datetime:
    return row.due_at if row.lease_until is None else max(row.due_at, row.lease_until)


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
