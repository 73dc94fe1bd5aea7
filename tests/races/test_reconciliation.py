"""Many ask for one range at once, and many workers look for runs at once: it is one run, done once."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest

from adapters.postgres.engine.database import Database, DatabaseSettings
from application.reconciliation.ask_reconciliation import (
    ASKED_A_DAY_MAX,
    AskReconciliation,
    TooManyRuns,
)
from contracts.postgres_storage import PostgresStorage
from contracts.reconciliation.book_reads_contract import TODAY
from contracts.reconciliation.reconciling_contract import Trial
from domain.reconciliation.run import Run, RunId, RunTrigger
from domain.reconciliation.run_state import RunState
from fakes.clock import StoppedClock
from fakes.samples import BY_STAFF

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


async def test_the_limit_of_a_day_holds_for_requests_at_once(database_url: str) -> None:
    """
    Three ask at once for the last two runs that the person has left: one of them is refused.
    """
    database = Database.connect(DatabaseSettings(url=database_url))
    storage, numbers = PostgresStorage.on(database), count(1)
    ask = AskReconciliation(
        storage.runs,
        storage.unit_of_work,
        StoppedClock(),
        lambda: RunId(f"RC{next(numbers)}"),
    )

    async def asked(days: int) -> Run:
        day = TODAY - timedelta(days=days)
        return await ask(day, day, RunTrigger.BUTTON, BY_STAFF)

    for each in range(ASKED_A_DAY_MAX - 2):
        await asked(each)
    told = await asyncio.gather(*(asked(20 + each) for each in range(3)), return_exceptions=True)

    assert sum(isinstance(each, Run) for each in told) == 2
    assert [type(each) for each in told if not isinstance(each, Run)] == [TooManyRuns]
    assert len(await storage.runs.page(at_most=99)) == ASKED_A_DAY_MAX
    await database.close()
