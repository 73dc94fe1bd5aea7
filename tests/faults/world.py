"""What outlives a process of ours: the database, the bank, the mail that went out, and the time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import asyncpg
from dependency_injector import providers

from adapters.fake.gateway import FakeGateway
from adapters.postgres.database import Database
from entrypoints.wiring.container import Shulk, build
from entrypoints.wiring.settings import Settings
from entrypoints.wiring.storage import database_settings
from fakes.email_sender import Mailbag
from fakes.shopfront import settings_with
from faults.interactions import Interactions, Strike
from faults.watched import GATEWAY, MAIL, WatchedDatabase, watched
from races.shop import HandClock


@dataclass(frozen=True, slots=True)
class Process:
    """One process of ours, wired as production is; what leaves it goes by *interactions*."""

    container: Shulk
    interactions: Interactions

    @property
    def use_cases(self) -> Any:
        return self.container.use_cases

    @property
    def dead(self) -> bool:
        return self.interactions.dead


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """*watcher* looks into the database from outside, over a connection that nothing strikes."""

    settings: Settings
    bank: FakeGateway
    clock: HandClock
    mail: Mailbag
    watcher: "asyncpg.Connection[asyncpg.Record]"

    @classmethod
    @asynccontextmanager
    async def around(cls, database_url: str) -> AsyncIterator[Self]:
        """Open a world whose database is at *database_url*, migrated and empty."""
        clock = HandClock()
        settings = settings_with(database_url=database_url, database_pool_size="4")
        watcher = await asyncpg.connect(database_url)
        try:
            yield cls(
                settings=settings,
                bank=FakeGateway(now=clock.now),
                clock=clock,
                mail=Mailbag(),
                watcher=watcher,
            )
        finally:
            await watcher.close()

    @asynccontextmanager
    async def process(self, strike: Strike | None = None) -> AsyncIterator[Process]:
        """Start a process, and bury it: no task and no connection of it is left behind."""
        before = asyncio.all_tasks()
        interactions = Interactions(strike)
        container = build(self.settings)
        database = Database.connect(database_settings(self.settings))
        for provider, part in (
            (container.storage.database, WatchedDatabase(database, interactions)),
            (container.bank.fake, watched(self.bank, "gateway", interactions, GATEWAY)),
            (container.sender, watched(self.mail, "mail", interactions, MAIL)),
            (container.clock, self.clock),
        ):
            provider.override(providers.Object(part))
        try:
            yield Process(container, interactions)
        finally:
            left = asyncio.all_tasks() - before - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await database.close()

    async def rows(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return what *sql* finds."""
        return [tuple(row) for row in await self.watcher.fetch(sql, *arguments)]
