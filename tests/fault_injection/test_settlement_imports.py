"""An import that dies at any interaction with the database leaves a file that is read anew, and counted once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any, Final, TypeVar

from sqlalchemy import text

from adapters.postgres.engine.database import Connection, Database, DatabaseSettings
from adapters.postgres.engine.statements import prepare
from adapters.postgres.settlements.settlement_files import PostgresSettlementFiles
from application.settlements.import_settlement_file import ImportSettlementFile, IncomingFile
from conftest import EMPTY, run_sql
from contracts.settlements.reading import READER
from contracts.settlements.sampled import SAMPLES
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin
from fakes.clock import StoppedClock
from fakes.file_store import Shelf
from fakes.samples import BY_STAFF
from fault_injection.interactions import Died
from ports.settlements.settlement_files import READING_MAX
from ports.unit_of_work import StorageUnavailable

Out = TypeVar("Out")
KEPT: Final = prepare(
    text("""
        SELECT (SELECT count(*) FROM settlement_line WHERE state = 'live') AS live,
               (SELECT count(*) FROM settlement_line) AS lines,
               (SELECT count(*) FROM settlement WHERE state = 'live') AS settlements,
               (SELECT count(*) FROM settlement_file WHERE state = 'imported') AS imported,
               (SELECT count(*) FROM audit_log WHERE action = 'settlement_file.imported') AS told
    """)
)
INTERACTIONS_MAX: Final = 40
NEVER: Final = -1


@dataclass(slots=True)
class Death:
    """At which call the process dies, before or after it is done; *calls* counts them."""

    at: int = NEVER
    after: bool = False
    calls: int = 0

    async def happen(self, driver: Any, deed: Callable[[], Awaitable[Out]]) -> Out:
        number, self.calls = self.calls, self.calls + 1
        if number != self.at:
            return await deed()
        if self.after:
            await deed()
        driver.terminate()
        raise Died


@dataclass(frozen=True, slots=True)
class MortalConnection(Connection):
    death: Death

    async def fetch(self, *given: Any, **values: Any) -> Any:
        return await self.death.happen(
            self.driver, lambda: Connection.fetch(self, *given, **values)
        )

    async def fetch_within(self, *given: Any, **values: Any) -> Any:
        return await self.death.happen(
            self.driver, lambda: Connection.fetch_within(self, *given, **values)
        )

    async def copy(self, *given: Any) -> None:
        await self.death.happen(self.driver, lambda: Connection.copy(self, *given))

    async def apply(self, *given: Any) -> None:
        await self.death.happen(self.driver, lambda: Connection.apply(self, *given))


class MortalDatabase(Database):
    death = Death()

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        async with Database.borrow(self) as connection:
            yield MortalConnection(connection.driver, self.death)


async def _bring(database: Database, clock: StoppedClock, name: str) -> SettlementFileState:
    use_case = ImportSettlementFile(PostgresSettlementFiles(database), Shelf(), READER, clock)
    incoming = IncomingFile(
        name=name, content=BytesIO((SAMPLES / name).read_bytes()), origin=FileOrigin.COMMAND
    )
    return (await use_case(incoming, BY_STAFF)).state


async def _dies_once(url: str, at: int, *, after: bool) -> bool:
    """Import a re-issue, die at that interaction, and import it again; return whether it was met."""
    await run_sql(url, EMPTY)
    database = MortalDatabase.connect(DatabaseSettings(url=url))
    clock = StoppedClock()
    try:
        database.death = Death()
        await _bring(database, clock, "01-clean.csv")
        database.death = Death(at=at, after=after)
        try:
            await _bring(database, clock, "05-corrected.csv")
        except (Died, StorageUnavailable):
            met = True
        else:
            met = False
        database.death = Death()
        (row,) = await database.fetch(KEPT)
        whole = (7, 13, 1, 1, 2)
        assert tuple(row.values()) in {(6, 6, 1, 1, 1), whole}
        clock.move(READING_MAX + timedelta(seconds=1))
        assert await _bring(database, clock, "05-corrected.csv") is SettlementFileState.IMPORTED
        (row,) = await database.fetch(KEPT)
        assert tuple(row.values()) == whole
    finally:
        await database.close()
    return met


async def test_an_import_may_die_at_any_moment(database_url: str) -> None:
    """
    The file before it counts until the re-issue does; each line then counts once.

    To die before a call is to die after the one before it: only the first has nothing before.
    """
    assert await _dies_once(database_url, 0, after=False)
    for number in range(INTERACTIONS_MAX):
        if not await _dies_once(database_url, number, after=True):
            break
    else:
        raise AssertionError("the import has more interactions than were tried")
    assert number > 10
