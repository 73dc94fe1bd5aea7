"""``shulk rebuild``: says in words what differs, ends with 1 then, and takes off what has healed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import TEMPLATE, run_sql, with_database
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from fakes.samples import a_payment

NAME: Final = "shulk_rebuild_commands"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
PAYMENT: Final = a_payment().id


@pytest_asyncio.fixture(loop_scope="session")
async def url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a database with one payment that was begun."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    async with PostgresUnitOfWork(database)() as work:
        work.payments.repository.add(a_payment())
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def test_what_differs_is_said_and_heals(url: str) -> None:
    """
    As lines and as JSON, by time and by name.
    """

    def shulk(*words: str) -> Result:
        return CliRunner().invoke(
            main, ["rebuild", *words], env=EXAMPLE | {"SHULK_DATABASE_URL": url}
        )

    def state(word: str) -> None:
        asyncio.run(run_sql(url, f"UPDATE payment SET state = '{word}'"))  # noqa: S608 - ours

    well = shulk("--since", "2000-01-01")
    assert (well.exit_code, well.output) == (0, "1 compared, 1 as decided, 0 differ\n")

    state("failed")
    wrong = shulk(PAYMENT)
    says = f"{PAYMENT}\n  state: the books say failed, and it ought to be pending\n"
    assert (wrong.exit_code, wrong.output) == (
        1,
        f"{says}1 compared, 0 as decided, 1 differ\n",
    )
    # Nothing was changed within the hour by any clock; what differed before is looked at all the same.
    told = shulk("--since", "1m", "--json")
    assert (told.exit_code, json.loads(told.output)) == (
        1,
        {
            "compared": 1,
            "not_rebuilt": 0,
            "differing": 1,
            "payments": [
                {
                    "transaction_id": PAYMENT,
                    "differences": [{"kind": "state", "books": "failed", "rebuilt": "pending"}],
                }
            ],
        },
    )

    state("pending")
    assert shulk().exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["SK1"], 1, "SK1 is no transaction id"),
        (["--since", "yesterday"], 2, "neither a day as 2026-04-01 nor a time as 36h or 7d"),
        (["--since", "0001-01-01"], 2, "neither a day"),
        (["--since", "0d"], 2, "neither a day"),
        (["--since", "7d", PAYMENT], 2, "either --since or transaction ids"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], code: int, says: str) -> None:
    """
    Before anything is connected.
    """
    refused = CliRunner().invoke(main, ["rebuild", *words], env=EXAMPLE)

    assert refused.exit_code == code
    assert says in " ".join(refused.output.replace("│", " ").split())
