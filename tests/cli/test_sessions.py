"""Sessions by the command line: listed, and ended one by one or all at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.sign_in.browser_sessions import PostgresBrowserSessions
from contracts.sign_in.browser_sessions_contract import ASHA, a_session
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


def run(database_url: str, *words: str) -> Result:
    environ = EXAMPLE | {"SHULK_DATABASE_URL": database_url, "SHULK_REDIS_URL": ""}
    return CliRunner().invoke(main, ["sessions", *words], env=environ)


def sign_in_twice(database_url: str) -> None:
    async def begin() -> None:
        database = Database.connect(DatabaseSettings(url=database_url))
        for number in (1, 2):
            at = datetime.now(UTC) - timedelta(minutes=number)
            await PostgresBrowserSessions(database).begin(a_session(number, at=at), None)
        await database.close()

    asyncio.run(begin())


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in VARIABLES:
        monkeypatch.delenv(each.name, raising=False)


def test_sessions_are_listed_and_ended(database_url: str) -> None:
    """
    Each with its browser; one by its id, then the rest; a wrong id is told.
    """
    sign_in_twice(database_url)
    listed = run(database_url, "list", ASHA)
    assert listed.exit_code == 0, listed.output
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [
        a_session(1).id,
        a_session(2).id,
    ]
    assert "Firefox" in listed.stdout

    one = run(database_url, "end", ASHA, "--session", a_session(2).id)
    again = run(database_url, "end", ASHA, "--session", a_session(2).id)
    rest = run(database_url, "end", ASHA)

    assert one.stdout == f"1 session of {ASHA} ended\n"
    assert again.exit_code == 1
    assert rest.stdout == f"1 session of {ASHA} ended\n"
    assert "signed in nowhere" in run(database_url, "list", ASHA).stdout
