"""``shulk ledger``: balances, accounts and journals on the screen, exports, the back-fill and closing."""

import asyncio
import csv
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from subprocess import run

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import TEMPLATE, run_sql, with_database
from domain.business_day import business_day_of
from domain.payments.order_facts import RefundVerdict
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from worlds.postgres import ASHA, BY_STAFF, NOON, HandClock, PostgresWorld
from worlds.refund_requests import ask_refund

NAME = "shulk_ledger_commands"
EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
DAY = business_day_of(NOON)
SALE = 11_800_00


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def traded_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a shop with one invoiced sale, a quarter of which went back."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    sale = (await world.paid_payment(ASHA)).id
    await world.issue_invoice(sale)
    world.clock.forward(timedelta(days=1))
    refund = await ask_refund(world, sale, SALE // 4)
    world.gateway.move_refund(sale, refund.id, RefundVerdict.PAID)
    await world.apply(await world.read_order(sale, ASHA.id), BY_STAFF)
    await world.issue_credit_note(sale, refund.id)
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["ledger", *words], env=EXAMPLE | {"SHULK_DATABASE_URL": url})


def test_the_trial_balance_balances(traded_url: str) -> None:
    """
    Debits beside credits, with equal sums; up to a day when asked.
    """
    shown = shulk(traded_url, "trial-balance")

    assert shown.exit_code == 0, shown.output
    assert "clearing                 8,850.00" in shown.output
    assert shown.output.splitlines()[-1].split() == ["8,850.00", "8,850.00"]
    sold = shulk(traded_url, "trial-balance", "--through", DAY.isoformat())
    assert sold.output.splitlines()[-1].split() == ["11,800.00", "11,800.00"]


def test_an_account_shows_its_entries(traded_url: str) -> None:
    """
    With the balance before the period and after each entry.
    """
    shown = shulk(traded_url, "account", "clearing")
    later = shulk(
        traded_url, "account", "clearing", "--first", (DAY + timedelta(days=1)).isoformat()
    )

    assert [line.split()[-2] for line in shown.output.splitlines()[1:]] == ["11,800.00", "8,850.00"]
    assert later.output.splitlines()[0].endswith("opening balance  11,800.00")
    assert len(later.output.splitlines()) == 2


def test_the_journals_of_a_payment_are_shown(traded_url: str) -> None:
    """
    In their order, or one by its number; what is not there is said.
    """
    (first, *_) = csv.DictReader(StringIO(shulk(traded_url, "export").stdout, newline=""))
    shown = shulk(traded_url, "journal", first["payment"])

    heads = [line.split()[2] for line in shown.output.splitlines() if not line.startswith(" ")]
    assert heads == ["capture", "invoice", "refund_asked", "refund_paid", "credit_note"]
    one = shulk(traded_url, "journal", first["journal"])
    assert one.output.splitlines() == shown.output.splitlines()[:3]
    assert shulk(traded_url, "journal", "999999").exit_code == 1
    assert shulk(traded_url, "journal", "nonsense").exit_code == 2
    assert "nothing is posted" in shulk(traded_url, "journal", "SKAAAAAAAAAAAAAAAAAA").output


def test_an_account_of_a_period_is_exported(traded_url: str, tmp_path: Path) -> None:
    """
    Whole journals, to a file that others cannot read.
    """
    out = tmp_path / "ledger.csv"
    shown = shulk(
        traded_url, "export", "--format", "zoho", "--account", "refunds_payable", "--out", str(out)
    )

    assert shown.exit_code == 0, shown.output
    assert "2 journals" in shown.output
    assert out.stat().st_mode & 0o007 == 0
    rows = list(csv.DictReader(StringIO(out.read_text(), newline="")))
    assert [row["Debit"] or f"-{row['Credit']}" for row in rows] == ["2950.00", "-2950.00"] * 2


def test_another_program_checks_our_sums(traded_url: str, tmp_path: Path) -> None:
    """
    Beancount adds up every journal by itself, and finds each balance; a paisa less and it says so.
    """
    out = tmp_path / "ledger.beancount"
    days = ("--first", (DAY + timedelta(days=1)).isoformat(), "--last", "2026-12-31")
    for period in ((), days):
        shown = shulk(traded_url, "export", "--format", "beancount", *period, "--out", str(out))
        assert shown.exit_code == 0, shown.output
        assert bean_check(out) == (0, "")

    text = out.read_text()
    assert text.count("balance Assets:Clearing 8850.00 ~ 0.00 INR") == 1
    out.write_text(text.replace("Clearing 8850.00", "Clearing 8849.99"))
    code, told = bean_check(out)
    assert code == 1
    assert "Balance failed for 'Assets:Clearing'" in told


def bean_check(file: Path) -> tuple[int, str]:
    """Return how beancount's own checker ends on *file*, and what it says: a process of its own."""
    checker = Path(sys.executable).with_name("bean-check")
    done = run([checker, "--no-cache", file], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.returncode, done.stdout + done.stderr


def test_the_back_fill_and_closing(traded_url: str) -> None:
    """
    Nothing is missing here, so nothing is posted; then a day is closed, once, and today is not.
    """
    before = shulk(traded_url, "export").stdout
    assert shulk(traded_url, "backfill").output == "1 payment read\n"
    assert shulk(traded_url, "export").stdout == before

    assert shulk(traded_url, "close", "--through", "2026-04-30").output == (
        "closed through 2026-04-30\n"
    )
    again = shulk(traded_url, "close", "--through", "2026-04-30")
    assert (again.exit_code, "closed through 2026-04-30 already" in again.output) == (1, True)
    assert shulk(traded_url, "close", "--through", "2999-01-01").exit_code == 1
    assert asyncio.run(closed(traded_url)) == "ledger.closed"


async def closed(url: str) -> object:
    """Return the last action of the audit log."""
    database = Database.connect(DatabaseSettings(url=url))
    async with database.borrow() as connection:
        action = await connection.driver.fetchval(
            "SELECT action FROM audit_log ORDER BY id DESC LIMIT 1"
        )
    await database.close()
    return action
