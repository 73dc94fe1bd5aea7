"""Units of work that all decide on the same state and apply at the same moment: the worst a race can be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write
from adapters.postgres.unit_of_work import PostgresWork, work_on

PATIENCE_SECONDS: Final = 60.0


class MeetingPlace:
    """
    Where the first *parties* units that are about to write wait for each other.

    All of them have read by then and none has applied, so all but one act on what is no more.
    ``met`` tells a test that its race took place.
    """

    def __init__(self, parties: int) -> None:
        self._barrier = asyncio.Barrier(parties)
        self._expected = parties
        self.applied = asyncio.Event()
        """Set once one of those who met has applied."""

    @property
    def met(self) -> bool:
        return self._expected == 0

    async def wait(self) -> None:
        if self._expected:
            self._expected -= 1
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._barrier.wait()


class MeetingUnitOfWork:
    """
    PostgreSQL's unit of work with a meeting before each apply; *only* names what must be written.

    One that is *slower* lets another of those who met apply before it.
    """

    def __init__(
        self, database: Database, place: MeetingPlace, *, only: str = "", slower: bool = False
    ) -> None:
        self._database, self._place, self._only = database, place, only
        self._slower = slower

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWork]:
        writes: list[Write] = []
        async with self._database.borrow() as connection:
            yield work_on(connection, writes)
            if any(self._only in write.statement.sql for write in writes):
                await self._place.wait()
                if self._slower:
                    await self._place.applied.wait()
            try:
                await connection.apply(writes)
            finally:
                if self._place.met:
                    self._place.applied.set()
