"""``shulk payments``: what is under review is listed, and resolved with a reason."""

import asyncio
from typing import Final

import asyncpg
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from adapters.postgres.refunds.dispute_columns import dispute_columns
from domain.money import Money
from domain.payments.dispute import Dispute
from domain.payments.dispute_state import DisputeState
from entrypoints.cli.embedded import free_port
from entrypoints.cli.fake_gateway import fake_gateway_beside
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from worlds.postgres import NOON, HandClock, PostgresWorld, wanted
from worlds.settings import settings_with, variables_with

NOBODY: Final = "http://127.0.0.1:9"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


@pytest_asyncio.fixture
async def flagged(database: Database, database_url: str) -> tuple[str, str]:
    """The URL of a database with one payment under review, and the payment."""
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    payment = await world.initiate(wanted())
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE payment SET attention = 'unresolved'")
    await connection.close()
    return database_url, payment.id


async def shulk(url: str, *words: str, typed: str | None = None, bank: str = NOBODY) -> Result:
    environ = EXAMPLE | {
        "SHULK_DATABASE_URL": url,
        "SHULK_GATEWAY": "fake",
        "SHULK_FAKE_GATEWAY_URL": bank,
    }
    return await asyncio.to_thread(
        CliRunner().invoke, main, ["payments", *words], env=environ, input=typed
    )


async def test_what_is_under_review_is_listed(flagged: tuple[str, str]) -> None:
    """
    With its reasons, their owners and what may be done; of another reason there is none.
    """
    url, payment = flagged

    shown = await shulk(url, "review")
    none = await shulk(url, "review", "--reason", "paid_twice")

    assert shown.exit_code == 0, shown.output
    first, second = shown.stdout.splitlines()
    assert first.startswith(f"{payment}  pending")
    assert second.endswith("unresolved  support  read-again close")
    assert (none.exit_code, none.stdout) == (0, "")
    assert "no payment is under review" in none.stderr


async def test_disputed_payments_are_listed(flagged: tuple[str, str]) -> None:
    """
    With the deadline and each dispute; in another state there is none.
    """
    url, payment = flagged
    dispute = Dispute(
        id="cb-1",
        amount=Money(100_00),
        state=DisputeState.RECEIVED,
        opened_at=NOON,
        respond_by=NOON,
        reason="10.4",
    )
    columns = dispute_columns([dispute])
    connection = await asyncpg.connect(url)
    await connection.execute(
        "UPDATE payment SET disputes = $1, dispute_respond_by = $2",
        columns["disputes"],
        columns["dispute_respond_by"],
    )
    await connection.close()

    shown = await shulk(url, "disputes")
    none = await shulk(url, "disputes", "--state", "under_review")

    assert shown.exit_code == 0, shown.output
    first, second = shown.stdout.splitlines()
    assert first.startswith(f"{NOON:%Y-%m-%d %H:%M}  {payment}  paid 0.00")
    assert second == "  cb-1  received  100.00  10.4"
    assert (none.exit_code, none.stdout) == (0, "")
    assert "no payment is disputed" in none.stderr


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (["--action", "close"], None, "name them with --by"),
        (
            ["--action", "close", "--by", "nobody"],
            "123456\n",
            "needs the permission reviews:resolve",
        ),
        (["--action", "accept", "--by", "nobody"], "123456\n", "needs the permission"),
        (["--action", "read-again", "--reason", "voided"], None, "not under review for voided"),
    ],
)
async def test_who_may_not_is_told_why(
    flagged: tuple[str, str], words: list[str], typed: str | None, told: str
) -> None:
    """
    The code is asked for and not shown; nothing is done.
    """
    url, payment = flagged
    reason = [] if "--reason" in words else ["--reason", "unresolved"]

    refused = await shulk(
        url, "resolve", payment, *reason, *words, "--why", "asked the bank", typed=typed
    )

    assert refused.exit_code != 0
    assert told in refused.output
    assert "123456" not in refused.output


async def test_an_order_is_read_again(
    flagged: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    By an operator, without a code; the session is long over, so the bank's answer ends both.
    """
    url, payment = flagged
    words = ("--reason", "unresolved", "--action", "read-again", "--why", "asked the bank")

    at = f"http://127.0.0.1:{free_port()}"
    for name, value in variables_with(fake_gateway_url=at).items():
        # The process that is started reads what this one has.
        monkeypatch.setenv(name, value)

    with fake_gateway_beside(settings_with(fake_gateway_url=at)):
        read = await shulk(url, "resolve", payment, *words, bank=at)
        strange = await shulk(url, "resolve", "nothing", *words, bank=at)

    assert read.exit_code == 0, read.output
    assert f"{payment} is expired; under review for nothing" in read.stdout
    assert strange.exit_code != 0
