"""``shulk gst``: a month's return to a file or onwards, and nothing at all when there is none."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import TEMPLATE, run_sql, with_database
from entrypoints.cli.main import main
from entrypoints.wiring.settings import VARIABLES
from fakes.documents import a_company
from fakes.sample_month import issue_the_month

NAME = "shulk_gst_commands"
EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
TOLD = "taxable ₹61,442.73, with tax ₹72,502.41"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def november_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a register that holds the sample month."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    await issue_the_month(PostgresUnitOfWork(database))
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def shulk(url: str, *words: str) -> Result:
    environ = {"SHULK_DATABASE_URL": url, "SHULK_SELLER_GSTIN": a_company().gstin.text}
    return CliRunner().invoke(main, ["gst", *words], env=EXAMPLE | environ)


def test_a_return_goes_to_standard_output(november_url: str) -> None:
    """
    The file and nothing else; what it comes to is said beside it.
    """
    shown = shulk(november_url, "export", "--period", "2026-11")

    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["fp"] == "112026"
    assert TOLD in shown.stderr


def test_a_return_goes_to_a_file(november_url: str, tmp_path: Path) -> None:
    """
    Whole, under the name that was asked for, and nothing beside it.
    """
    out = tmp_path / "november.zip"

    shown = shulk(
        november_url, "export", "--period", "2026-11", "--format", "csv", "--out", str(out)
    )

    assert shown.exit_code == 0, shown.output
    assert ZipFile(out).testzip() is None
    assert list(tmp_path.iterdir()) == [out]


def test_a_refused_return_leaves_what_was_there(november_url: str, tmp_path: Path) -> None:
    """
    The file of an earlier month is not lost to a typing mistake.
    """
    out = tmp_path / "november.json"
    out.write_text("earlier", encoding="utf-8")

    shown = shulk(november_url, "export", "--period", "2026-31", "--out", str(out))

    assert shown.exit_code == 1
    assert "no return period" in shown.output
    assert out.read_text(encoding="utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [out]
