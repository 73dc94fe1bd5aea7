"""The five pieces of news in all their orders: all of them in memory, a sample on PostgreSQL."""

from collections.abc import Callable, Sequence

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from scorecard.five_messages import PLAYS, SOLD_ONCE, News, Play, Theatre, played, sample
from scorecard.runners import MemoryTheatre, PostgresTheatre
from scorecard.scenario import Tally
from scorecard.setup import Ground
from worlds.postgres import HandClock, Shop


async def in_memory(_: Ground, times: int) -> Tally:
    """Play every order under every script, each in a world of its own."""
    return await _all(PLAYS[:times], MemoryTheatre)


async def on_postgres(ground: Ground, times: int) -> Tally:
    """Play a sample of them one after the other on one database."""
    database = Database.connect(DatabaseSettings(url=await ground.database_url()))
    theatre = PostgresTheatre(Shop.open(database, FakeGateway(), HandClock()))
    try:
        return await _all(sample(times), lambda: theatre)
    finally:
        await database.close()


async def _all(plays: Sequence[Play], theatre: Callable[[], Theatre]) -> Tally:
    wrong = {}
    for script, order in plays:
        ending = await played(theatre(), script, order)
        if ending != SOLD_ONCE:
            wrong[f"{script}: {', '.join(order)}"] = (f"ended as {ending}",)
    return Tally(tried=len(plays), wrong=wrong, told={"pieces of news": len(plays) * len(News)})
