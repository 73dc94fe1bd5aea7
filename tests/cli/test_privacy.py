"""``shulk privacy``: a plan first, an erasure by its confirmation, an export as JSON, and holds."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import TEMPLATE, run_sql, with_database
from contracts.privacy.personal_records_contract import a_lapsed
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from fakes.samples import payment_id

NAME: Final = "shulk_privacy_commands"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


@pytest_asyncio.fixture(loop_scope="session")
async def url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a database with one payment that came to nothing."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    async with PostgresUnitOfWork(database)() as work:
        work.payments.repository.add(a_lapsed())
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def test_the_data_of_a_student_from_the_command_line(url: str, tmp_path: Path) -> None:
    """
    Nothing happens before it is confirmed; a hold keeps the payment, and nobody unknown has data.
    """

    def shulk(*words: str) -> Result:
        return CliRunner().invoke(
            main, ["privacy", *words], env=EXAMPLE | {"SHULK_DATABASE_URL": url}
        )

    out = tmp_path / "asha.json"
    assert shulk("export", "asha", "--out", str(out)).exit_code == 0
    (payment,) = json.loads(out.read_bytes())["payments"]
    assert (payment["payment"], payment["email"]) == (payment_id(1), "asha@example.com")
    assert json.loads(shulk("export", "asha").stdout_bytes)["student"] == "asha"
    assert shulk("export", "nobody").exit_code == 1

    case = ("--reason", "case 4")
    assert shulk("hold", payment_id(1), *case).exit_code == 0
    assert shulk("holds").output == f"{payment_id(1)}\n"
    shown = shulk("erase", "asha", "--reason", "request 17").output
    assert f"stays: contact of {payment_id(1)}. Staff placed a legal hold" in shown
    assert shulk("release", payment_id(1), *case).exit_code == 0
    assert shulk("holds").output == ""

    wrong = shulk("erase", "asha", "--reason", "request 17", "--confirm", "0" * 16)
    assert wrong.exit_code == 1
    shown = shulk("erase", "asha", "--reason", "request 17").output
    seen = shown.strip().rpartition(" ")[2]
    done = shulk("erase", "asha", "--reason", "request 17", "--confirm", seen)
    assert done.exit_code == 0, done.output
    assert "erased: contact of" in done.output
