"""``shulk discrepancies``: listed and shown, resolved with a code, and approved by a second person."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pyotp
import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN, put_posted
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from entrypoints.cli.main import main
from entrypoints.operations import staff as operations
from entrypoints.settings.settings import VARIABLES, load_settings
from fakes.clock import NOON

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


@pytest_asyncio.fixture
async def found(database: Database, database_url: str) -> tuple[str, str, str]:
    """The URL of a database with a small and a large discrepancy, and their ids."""
    small, large = (
        Discrepancy.of(
            replace(
                UNKNOWN,
                type=DiscrepancyType.AMOUNT_MISMATCH,
                cause=Cause.GROSS_DIFFERS,
                ref=f"of-{paise}",
                difference_paise=paise,
                posted_paise=paise,
            ),
            NOON,
            CALENDAR,
        )
        for paise in (-9_00, -900_00)
    )
    await put_posted(PostgresUnitOfWork(database), small, large)
    return database_url, small.id, large.id


async def shulk(url: str, *words: str, typed: str | None = None) -> Result:
    environ = EXAMPLE | {"SHULK_DATABASE_URL": url, "SHULK_GATEWAY": "fake"}
    return await asyncio.to_thread(CliRunner().invoke, main, [*words], env=environ, input=typed)


async def hired(url: str, staff: str) -> str:
    """Add a member of finance with an app, and return the code that it shows next."""
    settings = load_settings(EXAMPLE | {"SHULK_DATABASE_URL": url, "SHULK_GATEWAY": "fake"})
    mail = f"{staff}@example.com"
    added = await shulk(
        url, "staff", "add", staff, "--name", staff, "--email", mail, "--role", "finance"
    )
    assert added.exit_code == 0, added.output

    def enrolled() -> str:
        seed = operations.invite(settings, staff).seed
        operations.confirm(settings, staff, seed, pyotp.TOTP(seed).now())
        return pyotp.TOTP(seed).at(datetime.now(UTC) + timedelta(seconds=30))

    return await asyncio.to_thread(enrolled)


async def test_discrepancies_are_listed_and_shown(found: tuple[str, str, str]) -> None:
    """
    The gravest first; one with evidence and what is possible; none where none is like that.
    """
    url, small, large = found

    shown = await shulk(url, "discrepancies", "list", "--older-than", "1")
    none = await shulk(url, "discrepancies", "list", "--state", "resolved")
    one = await shulk(url, "discrepancies", "show", small)
    missing = await shulk(url, "discrepancies", "show", "DCX")

    assert shown.exit_code == 0, shown.output
    assert [line.split()[0] for line in shown.stdout.splitlines()] == [large, small]
    assert (none.exit_code, none.stdout) == (0, "")
    assert "possible     accept-bank claim wait-until write-off" in one.stdout
    assert "rrn          631612345678" in one.stdout
    assert missing.exit_code == 1


async def test_a_dry_run_needs_nobody(found: tuple[str, str, str]) -> None:
    """
    The journal is shown, and what cannot be is refused with 1.
    """
    url, small, _ = found

    dry = await shulk(
        url,
        "discrepancies",
        "resolve",
        small,
        "--action",
        "write-off",
        "--note",
        "as agreed",
        "--dry-run",
    )
    refused = await shulk(
        url,
        "discrepancies",
        "resolve",
        small,
        "--action",
        "not-ours",
        "--note",
        "as agreed",
        "--dry-run",
    )
    nobody = await shulk(
        url, "discrepancies", "resolve", small, "--action", "write-off", "--note", "as agreed"
    )

    assert dry.exit_code == 0, dry.output
    assert "writeoff                     9.00" in dry.stdout
    assert (refused.exit_code, nobody.exit_code) == (1, 2)
    assert "not_ours is no answer to gross_differs" in refused.stderr


async def test_two_people_decide_with_their_codes(found: tuple[str, str, str]) -> None:
    """
    The first one proposes, the second one approves; a wrong code decides nothing.
    """
    url, small, large = found
    mira, noor = await hired(url, "mira"), await hired(url, "noor")
    ids = ("discrepancies", "resolve", small, large, "--action", "write-off", "--note", "as agreed")

    wrong = await shulk(url, *ids, "--by", "mira", typed="000000\n")
    proposed = await shulk(url, *ids, "--by", "mira", typed=f"{mira}\n")
    used = await shulk(url, "discrepancies", "reject", large, "--by", "mira", typed=f"{mira}\n")
    approved = await shulk(
        url, "discrepancies", "approve", large, "--by", "noor", typed=f"{noor}\n"
    )
    shown = await shulk(url, "discrepancies", "show", large)
    unknown = await shulk(url, "discrepancies", "approve", "DCX", "--by", "noor", typed="000000\n")

    assert (wrong.exit_code, used.exit_code, unknown.exit_code) == (1, 1, 1)
    assert proposed.exit_code == 0, proposed.output
    assert f"{small}  resolved: write_off in_force, 9.00" in proposed.stdout
    assert f"{large}  awaiting_approval: write_off proposed, 900.00" in proposed.stdout
    assert f"{large}  resolved: write_off in_force, 900.00" in approved.stdout, approved.output
    assert "staff:mira, staff:noor: as agreed" in shown.stdout
