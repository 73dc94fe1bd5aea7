"""The five pieces of news in all their orders: all of them in memory, a sample on PostgreSQL."""

from collections.abc import Callable, Sequence

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from scorecard.five_messages import PLAYS, SOLD_ONCE, News, Play, Runner, played, sample
from scorecard.runners import MemoryRunner, PostgresRunner
from scorecard.scenario import Tally
from scorecard.setup import Setup
from worlds.postgres import HandClock, PostgresWorld


async def in_memory(_: Setup, times: int) -> Tally:
    """Play every order under every script, each in a world of its own."""
    return await _all(PLAYS[:times], MemoryRunner)


async def on_postgres(setup: Setup, times: int) -> Tally:
    """Play a sample of them one after the other on one database."""
    database = Database.connect(DatabaseSettings(url=await setup.database_url()))
    runner = PostgresRunner(PostgresWorld.open(database, FakeGateway(), HandClock()))
    try:
        return await _all(sample(times), lambda: runner)
    finally:
        await database.close()


async def _all(plays: Sequence[Play], runner: Callable[[], Runner]) -> Tally:
    wrong = {}
    for script, order in plays:
        ending = await played(runner(), script, order)
        if ending != SOLD_ONCE:
            wrong[f"{script}: {', '.join(order)}"] = (f"ended as {ending}",)
    return Tally(tried=len(plays), wrong=wrong, told={"pieces of news": len(plays) * len(News)})
