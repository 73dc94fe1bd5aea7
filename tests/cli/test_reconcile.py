"""``shulk reconcile``: a run is asked for, done, shown and listed."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import TEMPLATE, run_sql, with_database
from contracts.postgres_storage import PostgresStorage
from contracts.reconciliation.book_reads_contract import TODAY, sold
from contracts.reconciliation.reconciling_contract import PRICE, line
from contracts.settlements.settlement_files_contract import ONE, TWO, a_line, bring
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

NAME: Final = "shulk_reconcile"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def books_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of books with one sale that a file settles, and a line that nobody knows."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    storage = PostgresStorage.on(database)
    await sold(storage, 1)
    await bring(storage, ONE, line(1))
    await bring(storage, TWO, a_line(9, 649_00, payment_id=None, mid="OTHER"))
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["reconcile", *words], env=EXAMPLE | {"SHULK_DATABASE_URL": url}
    )


def test_a_run_is_done_shown_and_exported(books_url: str, tmp_path: Path) -> None:
    """
    What agrees is posted, what nobody knows is a discrepancy; the run can be read and exported later.
    """
    day = TODAY.isoformat()

    done = shulk(books_url, day, day, "--json")

    told = json.loads(done.output)
    assert done.exit_code == 3, done.output
    assert told["state"] == "complete"
    assert told["summary"]["matched_paise"] == PRICE
    assert told["summary"]["causes"] == {"unknown_order": 1}
    again = shulk(books_url, day, day)
    assert "unknown_order: 1" in again.output
    shown = shulk(books_url, "show", told["id"])
    assert shown.exit_code == 0
    assert "superseded" in shown.output
    assert "1,180.00" in shown.output
    listed = shulk(books_url, "list")
    assert len(listed.output.splitlines()) == 2
    out = tmp_path / "run.zip"
    written = shulk(books_url, "export", told["id"], "--format", "csv", "--out", str(out))
    assert written.exit_code == 0, written.output
    assert "Matched: 1" in written.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    with ZipFile(out) as archive:
        assert archive.testzip() is None
        assert b"unknown_order" in archive.read("discrepancies.csv")
    piped = shulk(books_url, "export", told["id"])
    assert piped.stdout_bytes.startswith(b"PK")


def test_what_is_no_range_is_refused(books_url: str, tmp_path: Path) -> None:
    """
    It says why; so does a run that nobody knows, and leaves no file.
    """
    refused = shulk(books_url, "2026-08-04", "2026-08-03")

    assert refused.exit_code == 1
    assert "ends before it begins" in refused.output
    assert shulk(books_url, "show", "RC9").exit_code == 1
    missing = shulk(books_url, "export", "RC9", "--out", str(tmp_path / "none.xlsx"))
    assert missing.exit_code == 1
    assert list(tmp_path.iterdir()) == []
