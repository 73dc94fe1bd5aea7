"""How idle workers wait: until something falls due, for nothing else could give them work."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from domain.reconciliation.run_state import RunState
from entrypoints.jobs.loops import HEARTBEAT_SECONDS
from fakes.store import QueueRow, Store

LOOKS_OFTEN_SECONDS: Final = 1.0
LOOKS_AGAIN_SECONDS: Final = 5.0
"""Who looks for work seldomer than this does it at hours of its own."""

ASKED_SECONDS_MAX: Final = 60.0
"""Who looks at least so often is awake soon when a person asks for a run or a job."""

READS_AGAIN_SECONDS: Final = 5.0
"""How often a process reads the configuration of the gateway."""

UNHURRIED_SECONDS: Final = 12 * 3600.0
BEAT_SECONDS: Final = 900.0
"""About as often a scheduler looks at what is due."""

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
        self._seldom: dict[asyncio.Future[None], float] = {}
        self._readers: list[asyncio.Future[None]] = []
        self._configured = self._versions()
        self.unhurried, self.beat_seconds = UNHURRIED_SECONDS, BEAT_SECONDS

    def stirred(self) -> None:
        """Something was written: whoever has work by that looks soon."""
        loop = asyncio.get_running_loop()
        for watch in (self._often, self._again):
            due = self._due(watch)
            if due < watch.armed_for and watch.sleepers:
                watch.armed_for = due
                for future, earliest in watch.sleepers.items():
                    loop.call_at(max(due, earliest), _wake, future)
        if self._is_asked():
            for future, earliest in (*self._seldom.items(), *self._again.sleepers.items()):
                loop.call_at(max(loop.time(), earliest), _wake, future)
        if self._readers and (versions := self._versions()) != self._configured:
            self._configured = versions
            for future in self._readers:
                loop.call_later(READS_AGAIN_SECONDS * self._draws.random(), _wake, future)
            self._readers.clear()

    async def until_configured(self) -> None:
        """Wait until the configuration of the gateway has changed, and for the rest of the pause between two reads."""
        if (versions := self._versions()) != self._configured:
            self._configured = versions
            await asyncio.sleep(READS_AGAIN_SECONDS * self._draws.random())
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers.append(woken)
        await woken

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
            latest = max(seconds, self.unhurried)
            if seconds <= ASKED_SECONDS_MAX:
                self._seldom[woken] = moment + seconds * part
                latest = seconds if self._is_asked() else latest
            loop.call_at(moment + latest * part, _wake, woken)
            await woken
            self._seldom.pop(woken, None)
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

    def drawn(self) -> float:
        """Return a part from 0 to below 1, for whoever waits or chooses."""
        return self._draws.random()

    def _is_asked(self) -> bool:
        """Whether a run of the reconciliation or of a job was asked for, and nobody has begun it."""
        store = self._store
        return any(row.run.state is RunState.REQUESTED for row in store.runs.values()) or any(
            state.asked_at is not None for state in store.job_states.values()
        )

    def _versions(self) -> int:
        return sum(1 + each.version for each in self._store.configurations.values())

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
