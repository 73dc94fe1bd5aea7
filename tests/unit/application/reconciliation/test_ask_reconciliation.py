"""Who asks for runs: a person for ten a day, jobs and commands for as many as are due."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest

from application.reconciliation.ask_reconciliation import (
    ASKED_A_DAY_MAX,
    AskReconciliation,
    TooManyRuns,
)
from contracts.memory_storage import MemoryStorage
from domain.business_day import business_day_of, business_day_start
from domain.reconciliation.run import Run, RunId, RunTrigger
from fakes.clock import NOON, StoppedClock
from fakes.samples import BY_SECOND, BY_STAFF
from ports.audit_log import Origin

DAY = timedelta(days=1)
TODAY = business_day_of(NOON)


class Asking:
    def __init__(self) -> None:
        self.storage, self.clock = MemoryStorage(), StoppedClock()
        numbers: Iterator[int] = count(1)
        self.use_case = AskReconciliation(
            self.storage.runs,
            self.storage.unit_of_work,
            self.clock,
            lambda: RunId(f"RC{next(numbers)}"),
        )

    async def ask(
        self,
        first: date,
        trigger: RunTrigger = RunTrigger.BUTTON,
        origin: Origin = BY_STAFF,
    ) -> Run:
        return await self.use_case(first, first, trigger, origin)

    async def use_up(self) -> None:
        for each in range(ASKED_A_DAY_MAX):
            await self.ask(TODAY - each * DAY)


@pytest.fixture
def asking() -> Asking:
    return Asking()


async def test_one_person_asks_ten_times_a_day(asking: Asking) -> None:
    """
    The next time is midnight in India; a colleague, a job and the command line are not held up.
    """
    await asking.use_up()
    other = TODAY - 20 * DAY

    with pytest.raises(TooManyRuns) as refusal:
        await asking.ask(other)

    assert asking.clock.now() + refusal.value.retry_after == business_day_start(TODAY + DAY)
    assert (await asking.ask(other, origin=BY_SECOND)).requested_by == BY_SECOND.actor
    assert (await asking.ask(other - DAY, RunTrigger.COMMAND)).trigger is RunTrigger.COMMAND
    asking.clock.move(refusal.value.retry_after)
    assert (await asking.ask(other - 2 * DAY)).trigger is RunTrigger.BUTTON


async def test_what_runs_is_asked_for_again_without_being_counted(asking: Asking) -> None:
    """
    The same range while it runs is the same run, also for who may ask for no other one.
    """
    first = await asking.ask(TODAY)
    await asking.use_up()

    assert await asking.ask(TODAY) == first
