"""Many ask for one range at once, and many workers look for runs at once: it is one run, done once."""

import asyncio

import pytest

from adapters.postgres.engine.database import Database, DatabaseSettings
from contracts.postgres_storage import PostgresStorage
from contracts.reconciliation.reconciling_contract import Trial
from domain.reconciliation.run_state import RunState

ASKING = 6


@pytest.mark.parametrize("workers", [2, 4])
async def test_a_range_is_reconciled_once(database_url: str, workers: int) -> None:
    """
    Whoever asks gets the id of the same run; one worker has it, the others find nothing.
    """
    database = Database.connect(DatabaseSettings(url=database_url))
    trial = Trial(PostgresStorage.on(database))

    asked = await asyncio.gather(*(trial.ask() for _ in range(ASKING)))
    done = await asyncio.gather(*(trial.worker()() for _ in range(workers)))

    assert len({each.id for each in asked}) == 1
    (ended,) = [each for each in done if each is not None]
    assert (ended.id, ended.state) == (asked[0].id, RunState.COMPLETE)
    assert [each.id for each in await trial.storage.runs.page(at_most=9)] == [ended.id]
    await database.close()
