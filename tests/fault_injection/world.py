"""What outlives a process of ours: the database, the bank, what was sent or filed, and the time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import asyncpg

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from adapters.smtp.email_texts import EmailTemplates
from books import books_connection, broken_books
from domain.payments.refund_polling import no_jitter
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from entrypoints.wiring.notifications import email_branding
from entrypoints.wiring.storage import database_settings
from entrypoints.wiring.use_cases.use_cases import UseCases
from fakes.audit.checkpoint_anchors import MemoryAnchors
from fakes.audit.checkpoint_signer import SIGNER
from fakes.documents.document_renderer import Typewriter
from fakes.file_store import Shelf
from fakes.notifications.email_sender import Mailbag
from fault_injection.interactions import Injection, Interactions
from fault_injection.observed_calls import (
    ANCHORS,
    FILES,
    GATEWAY,
    MAIL,
    ObservedDatabase,
    observed,
)
from worlds.postgres import HandClock
from worlds.settings import settings_with
from worlds.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Process:
    """One process of ours, wired as production is; what leaves it goes by *interactions*."""

    container: Shulk
    interactions: Interactions

    @property
    def use_cases(self) -> UseCases:
        return self.container.use_cases()

    @property
    def dead(self) -> bool:
        return self.interactions.dead


@dataclass(slots=True, kw_only=True)
class World:
    """
    *calm* is a process without any fault, for what comes before.

    *watcher* looks into the database from outside, over a connection that meets no fault.
    *all_tries* asks for faults as well that leave behind what another leaves.
    """

    settings: Settings
    bank: FakeGateway
    clock: HandClock
    mail: Mailbag
    shelf: Shelf
    anchors: MemoryAnchors
    watcher: "asyncpg.Connection[asyncpg.Record]"
    texts: EmailTemplates
    all_tries: bool = False
    calm: Process = field(init=False)

    @classmethod
    @asynccontextmanager
    async def around(cls, database_url: str, *, all_tries: bool = False) -> AsyncIterator[Self]:
        """Open a world whose database is at *database_url*, migrated and empty."""
        clock = HandClock()
        settings = settings_with(database_url=database_url, database_pool_size="4")
        watcher = await books_connection(database_url)
        try:
            world = cls(
                settings=settings,
                bank=FakeGateway(now=clock.now),
                clock=clock,
                mail=Mailbag(),
                shelf=Shelf(),
                anchors=MemoryAnchors(),
                watcher=watcher,
                # Reading its templates is what a process takes longest for, and nothing fails there.
                texts=EmailTemplates(email_branding(settings)),
                all_tries=all_tries,
            )
            async with world.process() as world.calm:
                yield world
        finally:
            await watcher.close()

    @asynccontextmanager
    async def process(self, injection: Injection | None = None) -> AsyncIterator[Process]:
        """Start a process, and bury it: no task and no connection of it is left behind."""
        before = asyncio.all_tasks()
        interactions = Interactions(injection)
        wiring = Wiring.of(self.settings)
        container = wiring.container
        audit = container.use_cases().audit
        database = Database.connect(database_settings(self.settings))
        wiring.replace(
            (container.storage.database, ObservedDatabase(database, interactions)),
            (container.bank.fake, observed(self.bank, "gateway", interactions, GATEWAY)),
            (container.sender, observed(self.mail, "mail", interactions, MAIL)),
            (container.files, observed(self.shelf, "files", interactions, FILES)),
            (audit.anchors, observed(self.anchors, "anchors", interactions, ANCHORS)),
            (audit.signer, SIGNER),
            (container.renderer, Typewriter()),
            (container.clock, self.clock),
            (container.texts, self.texts),
            (container.jitter, no_jitter),
        )
        try:
            yield Process(container, interactions)
        finally:
            left = asyncio.all_tasks() - before - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await database.close()
            wiring.give_back()

    async def rows(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return what *sql* finds."""
        return [tuple(row) for row in await self.watcher.fetch(sql, *arguments)]

    async def in_order(self) -> None:
        """Fail when the books break any invariant now, overdue work included."""
        broken = await broken_books(self.watcher, self.clock.now())
        assert broken == {}, f"the books are not in order: {broken}"
