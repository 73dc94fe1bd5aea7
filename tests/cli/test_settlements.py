"""``shulk settlements compare``: a file of the bank beside the books, and nothing stored."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import TEMPLATE, run_sql, with_database
from contracts.payments.payments_contract import charged
from domain.identifiers import PaymentId
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from fakes.samples import a_course, a_payment

NAME: Final = "shulk_settlements"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
SAMPLES: Final = Path(__file__).parents[1] / "samples" / "settlement"
SOLD: Final = PaymentId("SK7QMZ2VKA4CYD6HRN3B")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def books_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of books that hold one sale of the sampled file, of 11,800.00."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    bought = charged(replace(a_payment(course=a_course(rupees=11800)), id=SOLD))
    assert bought.capture is not None
    at = datetime(2026, 11, 12, 4, 45, tzinfo=UTC)
    async with PostgresUnitOfWork(database)() as work:
        work.payments.repository.add(replace(bought, capture=replace(bought.capture, at=at)))
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def shulk(url: str, *words: str, **more: str) -> Result:
    return CliRunner().invoke(
        main, ["settlements", *words], env=EXAMPLE | {"SHULK_DATABASE_URL": url} | more
    )


def test_a_file_is_shown_beside_the_books(books_url: str) -> None:
    """
    One line matches; the others settle orders that nobody knows here. A discrepancy ends with 3.
    """
    shown = shulk(books_url, "compare", str(SAMPLES / "01-clean.csv"), "--json")

    assert shown.exit_code == 3, shown.output
    report = json.loads(shown.output)
    assert report["preset"] == "hdfc_upi_mpr"
    assert report["matched"] == {"count": 1, "rupees": "11800.00"}
    assert report["totals"]["net_settlement"] == "26058.50"
    assert sorted({each["cause"] for each in report["discrepancies"]}) == [
        "refund_made_outside",
        "unknown_order",
    ]


def test_the_statement_of_the_account_is_compared_as_well(books_url: str) -> None:
    """
    The settlement of the sampled file was credited exactly; two entries are not ours.
    """
    statement = str(SAMPLES / "11-bank-statement.csv")
    words = ("compare", str(SAMPLES / "01-clean.csv"), "--statement", statement)
    codes = {"SHULK_MERCHANT_CODES": "SIM001=SIM0001,SIMT90=SIM9001"}

    shown = shulk(books_url, *words, **codes)
    report = json.loads(shulk(books_url, *words, "--json", **codes).output)

    assert "Settlement SIM0001/2026-11-13: credited" in shown.output
    assert sorted(report["credits"].values()) == [
        "matched",
        "not_ours",
        "not_ours",
        "without_settlement",
        "without_settlement",
    ]


def test_a_held_file_says_so(books_url: str) -> None:
    """
    What could not be read is named by its line.
    """
    shown = shulk(books_url, "compare", str(SAMPLES / "07-missing-totals.csv"))

    assert shown.exit_code == 3
    assert "Held: rows_rejected" in shown.output
    assert "missing_in_system / unreadable_line: line 5 0.00 (line 5)" in shown.output


def test_what_is_no_report_is_refused(books_url: str, tmp_path: Path) -> None:
    """
    With the reason, and nothing beside it.
    """
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    shown = shulk(books_url, "compare", str(tmp_path / "notes.csv"))

    assert shown.exit_code == 1
    assert "the file is not taken" in shown.output
