"""Waiting for something to be so in the database, which sends no event when it is."""

import asyncio
from typing import Any

import asyncpg

PATIENCE_SECONDS = 20.0
STUCK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


async def until(sql: str, url: str, wanted: Any = 1) -> None:
    """Return once *sql* answers *wanted*, or raise ``TimeoutError``."""
    watcher = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if await watcher.fetchval(sql) == wanted:
                    return
                await asyncio.sleep(0.01)
    finally:
        await watcher.close()
