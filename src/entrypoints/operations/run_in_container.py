"""Runs one operation with a container that is made for it and closed after it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from adapters.postgres.engine.database import Database
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk, build, close
from entrypoints.wiring.storage import database_settings
from ports.audit_log import Origin, Source

BY_COMMAND: Final = Origin(actor="staff:command-line", source=Source.ADMIN)
"""Who the audit log names for what is done from the command line."""

Out = TypeVar("Out")


def run_in_container(
    settings: Settings, act: Callable[[Shulk], Awaitable[Out]], *, asks_bank: bool = False
) -> Out:
    """
    Return what *act* returns, given a container made by *settings* and closed afterwards.

    Whoever *asks_bank* asks it by the gateway configuration in effect.
    """

    async def run() -> Out:
        container = build(settings, fake_is_served=True)
        try:
            if asks_bank:
                await container.configuration().refresh()
            return await act(container)
        finally:
            await close(container)

    return asyncio.run(run())


def run_on_database(
    settings: Settings, act: Callable[[Database], Awaitable[Out]], *, as_owner: bool = False
) -> Out:
    """
    Return what *act* returns, given a connection pool that is closed afterwards.

    *as_owner* it is of the role that migrates, where that is another one than the one that serves.
    """

    async def run() -> Out:
        database = Database.connect(database_settings(settings, as_owner=as_owner))
        try:
            return await act(database)
        finally:
            await database.close()

    return asyncio.run(run())
