"""A legal hold and an erasure of the same payment at one moment: whichever comes first, both end right."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import pytest
import pytest_asyncio

from adapters.postgres.engine.database import Connection, Database, DatabaseSettings
from adapters.postgres.engine.statements import Write
from adapters.postgres.privacy.personal_records import PostgresPersonalRecords
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from contracts.privacy.personal_records_contract import ASHA, LATER, STUDENT, a_lapsed, counted
from contracts.storage import BY_MIRA
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.privacy.erasure import plan_erasure
from ports.privacy.personal_records import ERASED_NAME
from races.meeting import MeetingPlace

WAITING: Final = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
PLACED: Final = replace(BY_MIRA, action="legal_hold.placed")


class MeetingDatabase(Database):
    """Its transactions stop before their last writes: at *begun*, and then at *place*."""

    begun: MeetingPlace
    place: MeetingPlace

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        async with super().borrow() as connection:
            yield _Meeting(connection.driver, begun=self.begun, place=self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting(Connection):
    begun: MeetingPlace
    place: MeetingPlace

    async def apply(self, writes: Sequence[Write]) -> None:
        await self.begun.wait()
        await self.place.wait()
        await Connection.apply(self, writes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSides:
    """One side stops within its transaction, the *other* does not."""

    database: Database
    stopped: MeetingDatabase
    payment: PaymentId

    @property
    def other(self) -> PostgresPersonalRecords:
        return PostgresPersonalRecords(self.database)

    @property
    def first(self) -> PostgresPersonalRecords:
        return PostgresPersonalRecords(self.stopped)

    async def erase(self, records: PostgresPersonalRecords) -> None:
        """Carry out the plan as it was seen before either began."""
        plan = plan_erasure(STUDENT, await self.other.payments_of(STUDENT), LATER)
        assert plan.names == [self.payment]
        # By one statement: a second one would see what was committed while the first waited.
        await records.erase(replace(plan, contact=[]), counted([]))

    async def meet(self, second: "asyncio.Task[None]") -> None:
        """Let the first go on when *second* waits for it, or has not waited at all."""
        async with asyncio.timeout(30), self.database.borrow() as connection:
            while not second.done() and not await connection.driver.fetchval(WAITING):
                # Each look is a round trip, so that others have their turn.
                continue
        await self.stopped.place.wait()

    async def name(self) -> str:
        (record,) = (await self.other.everything_of(STUDENT)).payments
        return record.name


@pytest_asyncio.fixture
async def sides(database_url: str) -> AsyncIterator[TwoSides]:
    settings = DatabaseSettings(url=database_url)
    database, stopped = Database.connect(settings), MeetingDatabase.connect(settings)
    stopped.begun, stopped.place = MeetingPlace(2), MeetingPlace(2)
    payment = a_lapsed()
    async with PostgresUnitOfWork(database)() as work:
        work.payments.repository.add(payment)
    yield TwoSides(database=database, stopped=stopped, payment=payment.id)
    await stopped.close()
    await database.close()


async def test_what_is_being_held_is_not_erased(sides: TwoSides) -> None:
    """
    The erasure waits for the hold, sees it, and erases nothing.
    """
    first = asyncio.create_task(sides.first.hold(sides.payment, PLACED))
    await sides.stopped.begun.wait()
    second = asyncio.create_task(sides.erase(sides.other))
    await sides.meet(second)

    await first
    with pytest.raises(ChangedMeanwhile):
        await second
    assert sides.stopped.place.met
    assert await sides.other.holds() == [sides.payment]
    assert await sides.name() == ASHA.name


async def test_what_is_being_erased_is_held_afterwards(sides: TwoSides) -> None:
    """
    The hold waits for the erasure, and keeps what is left; it is not placed beside an erasure that goes on.
    """
    first = asyncio.create_task(sides.erase(sides.first))
    await sides.stopped.begun.wait()
    second = asyncio.create_task(sides.other.hold(sides.payment, PLACED))
    await sides.meet(second)
    waited = not second.done()

    await asyncio.gather(first, second)
    assert waited
    assert sides.stopped.place.met
    assert await sides.other.holds() == [sides.payment]
    assert await sides.name() == ERASED_NAME
