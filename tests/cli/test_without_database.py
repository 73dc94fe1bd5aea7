"""Without a database: a command says so in one sentence, and the API waits for it, answering and not ready."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from click.testing import CliRunner
from dependency_injector import providers

from adapters.postgres.engine.database import Database, DatabaseSettings
from entrypoints.cli.main import main
from entrypoints.wiring.container import build
from entrypoints.wiring.http_process import OK, HttpApp
from worlds.settings import settings_with, variables_with

NOWHERE: Final = "postgresql://shulk:pw@127.0.0.1:9/shulk"


@dataclass
class Pauses:
    """Waits for nothing, and lets the database come at the *second* pause."""

    app: HttpApp | None = None
    url: str = ""
    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) == 2 and self.app is not None:
            database = Database.connect(DatabaseSettings(url=self.url))
            self.app.container.storage.database.override(providers.Object(database))


def test_migrate_says_it_in_one_sentence() -> None:
    """
    No traceback, and what to look at.
    """
    environ = variables_with(database_url=NOWHERE)
    for words in (["migrate"], ["migrate", "--check"], ["jobs", "list"]):
        said = CliRunner().invoke(main, words, env=environ)

        assert said.exit_code == 1
        told = " ".join(said.output.replace("│", " ").split())
        assert "the database cannot be reached" in told
        assert "is SHULK_DATABASE_URL right" in told
        assert "Traceback" not in said.output
        assert not isinstance(said.exception, OSError)


async def served(url: str) -> tuple[Pauses, list[str], str]:
    """Start the API without a database, let the one at *url* come, and return what happened."""
    pauses, ended = Pauses(url=url), list[str]()
    container = build(settings_with(database_url=NOWHERE))
    app = HttpApp(
        container.settings(), container, None, pause=pauses, end=lambda: ended.append("ended")
    )
    pauses.app = app
    try:
        async with asyncio.timeout(30):
            await app.start()
            before = (await app.ready())["database"]
            await app.running[0]
        assert before != OK
        return pauses, ended, (await app.ready())["database"]
    finally:
        await app.stop()


async def test_the_api_waits_for_its_database(database_url: str) -> None:
    """
    It answers and is not ready; the waits grow, and nobody has to start it again.
    """
    pauses, ended, after = await served(database_url)

    assert pauses.seconds == [0.5, 1.0]
    assert (ended, after) == ([], OK)


async def test_a_schema_that_is_not_known_is_refused_then(postgres_server: str) -> None:
    """
    The database that came is another version's: the process ends, and the next one refuses to start.
    """
    _, ended, after = await served(postgres_server)

    assert ended == ["ended"]
    assert "shulk migrate" in after
