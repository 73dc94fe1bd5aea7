"""The one database of a life: in memory, a network away, and sometimes away altogether."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from fakes.payments.inbox import MemoryInbox
from fakes.store import Change, Store
from fakes.unit_of_work import MemoryUnitOfWork, MemoryWork
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import EntryState
from ports.unit_of_work import StorageUnavailable

TRIP_SECONDS_MAX: Final = 0.02


class LivingStore(Store):
    """A store that tells when something was written; *on_change* is set by whoever wants to know."""

    __slots__ = ("on_change",)
    on_change: Callable[[], None]

    def apply(self, changes: list[Change]) -> None:
        super().apply(changes)
        if changes:
            self.on_change()


@dataclass(slots=True)
class StorageLine:
    """
    The way to the database. *draws* says how long each trip takes, and which of them fails.

    A unit fails before it is written at the rate *before*, and at the rate *after* once it is: its holder
    does not know then whether it was.
    """

    draws: Random
    tell: Callable[[str, str], None]
    before: float = 0.0
    after: float = 0.0
    spared: frozenset[str] = frozenset()
    injected: list[str] = field(default_factory=list)
    _units: int = 0

    def calm(self) -> None:
        """From now on every unit is written and acknowledged."""
        self.before = self.after = 0.0

    async def trip(self) -> None:
        """Let a unit go to the database; others do something meanwhile."""
        await asyncio.sleep(self.draws.uniform(0, TRIP_SECONDS_MAX))

    def begin(self) -> str | None:
        """Return how the next unit fails, None when it does not."""
        self._units += 1
        drawn, name = self.draws.random(), f"unit #{self._units}"
        if drawn >= self.before + self.after or name in self.spared:
            return None
        self.injected.append(name)
        how = "before" if drawn < self.before else "after"
        self.tell("storage", f"{name}: fails {how} it is written")
        return how


@dataclass(frozen=True, slots=True)
class LivingInbox(MemoryInbox):
    """
    An inbox over the *line* of the life that goes on, which tells when a webhook was stored.

    No unit of work stores it, so this says both for itself.
    """

    line: Callable[[], StorageLine]

    async def enqueue(self, event: GatewayEvent, at: datetime) -> EntryState:
        line = self.line()
        fails = line.begin()
        await line.trip()
        if fails == "before":
            raise StorageUnavailable("the connection broke")
        state = await MemoryInbox.enqueue(self, event, at)
        assert isinstance(self.store, LivingStore)
        self.store.on_change()
        if fails == "after":
            raise StorageUnavailable("the connection broke after COMMIT was sent")
        return state


@dataclass(slots=True)
class DistantUnits:
    """Units of work on *units*, over the *line* of the life that goes on."""

    units: MemoryUnitOfWork
    line: Callable[[], StorageLine]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[MemoryWork]:
        line = self.line()
        fails = line.begin()
        async with self.units() as work:
            yield work
            await line.trip()
            if fails == "before":
                raise StorageUnavailable("the connection broke")
        if fails == "after":
            raise StorageUnavailable("the connection broke after COMMIT was sent")
