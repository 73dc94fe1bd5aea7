"""What an incident is told, and the waiting that all of them do."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import asyncpg

from crashes.load import Load
from crashes.under_attack import DeploymentUnderAttack, Process

RECOVERS_WITHIN_SECONDS: Final = 180.0
LOOK_AGAIN_SECONDS: Final = 0.05
SOLD: Final = "SELECT count(*) FROM enrolment"


@dataclass(slots=True)
class Incident:
    """What an incident is told: the deployment and its load, and where it says what it saw."""

    attack: DeploymentUnderAttack
    load: Load
    wrong: list[str]
    told: list[str] = field(default_factory=list)
    """What was measured besides, in words."""

    before_rest: Callable[[], Awaitable[None]] | None = None
    """What has to happen once the last student has gone, before all can come to rest."""

    @property
    def patience_seconds(self) -> float:
        """How long anything may take that is waited for."""
        return RECOVERS_WITHIN_SECONDS

    async def exchange(self, process: Process, **otherwise: Any) -> Process:
        """End *process* as its unit does, start it with these of its parts changed, and return it when it works."""
        await asyncio.to_thread(process.end)
        exchanged = replace(process, **otherwise, running=None)
        lives = exchanged.starts()
        exchanged.start()
        if process is self.attack.api:
            await self.attack.until(self.attack.ready)
        else:
            await self.attack.until(lambda: exchanged.starts() > lives)
        return exchanged

    async def ask(self, statement: str) -> int:
        connection = await asyncpg.connect(self.attack.server.url)
        try:
            return int(await connection.fetchval(statement))
        finally:
            await connection.close()

    async def until(self, so: Callable[[], Awaitable[bool]], what: str) -> float:
        """Return how many seconds it took until *so*."""
        began = time.monotonic()
        while not await so():
            if time.monotonic() - began > RECOVERS_WITHIN_SECONDS:
                raise AssertionError(f"not within {RECOVERS_WITHIN_SECONDS:g} seconds: {what}")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return time.monotonic() - began

    async def until_begun(self, what: str) -> float:
        """Return how many seconds it took until a student was told of a purchase that was begun."""
        known = len(self.load.promises.payments)

        async def begun() -> bool:
            return len(self.load.promises.payments) > known

        return await self.until(begun, what)

    async def until_sold(self, what: str) -> float:
        """Return how many seconds it took until one more sale was complete."""
        sold = await self.ask(SOLD)

        async def more() -> bool:
            return await self.ask(SOLD) > sold

        return await self.until(more, what)
