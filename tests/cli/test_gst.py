"""``shulk gst``: a month's return to a file or onwards, and nothing at all when there is none."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import TEMPLATE, run_sql, with_database
from contracts.documents.documents_contract import from_karnataka
from domain.business_day import business_day_of
from domain.tax.indian_states import indian_state
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from fakes.documents.issued import a_company
from fakes.gst_returns.sample_month import issue, issue_the_month
from fakes.samples import payment_id

NAME = "shulk_gst_commands"
EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
TODAYS = 20
TOLD = "taxable ₹61,442.73, with tax ₹72,502.41"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def november_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a register that holds the sample month, and an invoice of today by another seller."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    unit_of_work, now = PostgresUnitOfWork(database), datetime.now(UTC)
    await issue_the_month(unit_of_work)
    await issue(
        unit_of_work, replace(from_karnataka(TODAYS), date=business_day_of(now), issued_at=now)
    )
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def shulk(url: str, *words: str, of: str = "27") -> Result:
    environ = {
        "SHULK_DATABASE_URL": url,
        "SHULK_SELLER_GSTIN": a_company(indian_state(of)).gstin.text,
    }
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

    for month in ("2026-31", "2999-01"):
        shown = shulk(november_url, "export", "--period", month, "--out", str(out))

        assert shown.exit_code == 1
        assert "no return period" in shown.output
    assert out.read_text(encoding="utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [out]


def test_a_document_is_declared_void_and_what_is_needed_is_issued(november_url: str) -> None:
    """
    Refused in words when that cannot be: the month is long gone, and nothing here was really sold.
    """
    late = shulk(november_url, "cancel", "INV/2099/0000001", "--why", "a slip")
    unknown = shulk(november_url, "cancel", "INV/2627/0000099", "--why", "a slip")
    nobody = shulk(november_url, "issue", "SK-NOBODY")
    unsold = shulk(november_url, "issue", payment_id(77))

    assert [each.exit_code for each in (late, unknown, nobody, unsold)] == [1] * 4
    assert "not the number of a tax document" in late.output
    assert "no such tax document" in unknown.output
    assert "no transaction id" in nobody.output
    assert "opened no course" in unsold.output


def test_what_stands_is_shown_and_may_become_void(november_url: str) -> None:
    """
    Asking again for an invoice that stands issues nothing; a void one says why.
    """
    first = shulk(november_url, "issue", payment_id(TODAYS), of="29")
    number = first.output.split()[0]
    gone = shulk(november_url, "cancel", number, "--why", "a slip", of="29")
    again = shulk(november_url, "cancel", number, "--why", "a slip", of="29")
    shown = shulk(november_url, "issue", payment_id(TODAYS), of="29")

    assert [each.exit_code for each in (first, gone, again, shown)] == [0, 0, 1, 0]
    assert first.output.endswith("₹11,800.00\n")
    assert f"{number} is void" in gone.output
    assert "void already" in again.output
    assert "void: a slip" in shown.output
