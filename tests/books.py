"""The money invariants, asked after every test that lets the use cases loose on a real database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.invariants.invariants import PostgresInvariants
from application.monitoring.check_invariants import CheckInvariants, Findings
from fakes.clock import StoppedClock

LONG_AGO: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""Tests set their own clocks; at this instant nothing waits too long, and all else is asked."""

ANYTHING_GOES: Final = frozenset({"contracts", "adapters"})
"""Suites that write arbitrary values and damage books on purpose."""


def keeps_books(test: Path) -> bool:
    """Whether *test* lies in a suite whose database has to be in order at its end."""
    folder = test.relative_to(Path(__file__).parent).parts[0]
    return folder not in ANYTHING_GOES


async def check_books(url: str) -> None:
    """Fail when the database at *url* breaks any invariant."""
    database = Database.connect(DatabaseSettings(url=url, pool_size=1))
    try:
        found = await CheckInvariants(PostgresInvariants(database), StoppedClock(LONG_AGO))()
    finally:
        await database.close()
    assert not (told := told_of(found)), f"the books are not in order: {told}"


def told_of(found: Findings) -> list[str]:
    """Return *found* in words, one for each invariant."""
    return [
        *(
            f"{each.invariant.name}: {each.count} ({', '.join(each.subjects)})"
            for each in found.broken
        ),
        *(f"{each.invariant.name} could not be checked: {each.why}" for each in found.unchecked),
    ]
