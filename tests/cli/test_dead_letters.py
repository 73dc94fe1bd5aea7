"""``shulk dead-letters``: what was given up is listed, mended and queued again, or closed."""

import asyncio
from typing import Final

import asyncpg
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from worlds.postgres import HandClock, PostgresWorld, wanted

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
LINE: Final = "1"


@pytest_asyncio.fixture
async def url(database: Database, database_url: str) -> str:
    """The URL of a database with one payment, whose letter no mailbox takes."""
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    payment = await world.initiate(wanted())
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO outbox (errand, payment_id, subject, written_at, state, due_at, attempts,"
        " closed_at, why) VALUES ('payment_failure', $1, $1, now(), 'dead', now(), 1, now(), $2)",
        payment.id,
        "the mail server answered 550 5.1.1",
    )
    await connection.close()
    return database_url


async def asked(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=EXAMPLE | {"SHULK_DATABASE_URL": url})


def test_what_was_given_up_is_seen_in_both_places(url: str) -> None:
    """
    By the list, with the reason, and by the invariants, with what to do; nobody's address is shown.
    """
    listed, checked = shulk(url, "dead-letters", "list"), shulk(url, "invariants")

    assert listed.exit_code == 0, listed.output
    assert listed.stdout.startswith(f"{LINE}  payment_failure  SK")
    assert listed.stdout.endswith("the mail server answered 550 5.1.1\n")
    assert "@" not in listed.output
    assert checked.exit_code == 1
    assert "errand_given_up" in checked.output
    assert "shulk dead-letters requeue LINE" in checked.output
    shulk(url, "dead-letters", "close", LINE, "--why", "a test's")


@pytest.mark.parametrize("address", ["asha", "Asha <asha@example.com>", "asha@example.com\nBcc: x"])
def test_what_is_no_address_changes_nothing(url: str, address: str) -> None:
    """
    It would be refused again.
    """
    refused = shulk(url, "dead-letters", "requeue", LINE, "--to", address)

    assert refused.exit_code == 1
    assert "address" in refused.output
    assert shulk(url, "dead-letters", "list").stdout
    shulk(url, "dead-letters", "close", LINE, "--why", "a test's")


def test_an_errand_is_due_again_at_the_right_address(url: str) -> None:
    """
    Nothing is left on the list, and a second time is told so.
    """
    done = shulk(url, "dead-letters", "requeue", LINE, "--to", "asha@right.example")
    twice = shulk(url, "dead-letters", "requeue", LINE)

    assert (done.exit_code, twice.exit_code) == (0, 1), done.output
    assert "payment_failure of SK" in done.output
    assert "no such dead letter" in twice.output
    left = shulk(url, "dead-letters", "list")
    assert (left.stdout, left.stderr) == ("", "nothing was given up\n")


async def test_the_worker_finds_it_and_the_address(url: str) -> None:
    """
    Not only the command's word: the rows say so.
    """
    await asyncio.to_thread(
        shulk, url, "dead-letters", "requeue", LINE, "--to", "asha@right.example"
    )

    assert await asked(url, "SELECT student_email FROM payment") == "asha@right.example"
    assert await asked(url, "SELECT state || attempts FROM outbox") == "new0"


def test_an_errand_is_closed_with_a_reason(url: str) -> None:
    """
    Without one, or for one that was closed, nothing happens.
    """
    blank = shulk(url, "dead-letters", "close", LINE, "--why", " ")
    done = shulk(url, "dead-letters", "close", LINE, "--why", "told by telephone")
    twice = shulk(url, "dead-letters", "close", LINE, "--why", "told by telephone")

    assert [each.exit_code for each in (blank, done, twice)] == [1, 0, 1]
    assert "the reason cannot be taken: it is blank" in blank.output
    assert shulk(url, "dead-letters", "list").stdout == ""


def test_the_old_name_works_and_warns(url: str) -> None:
    """
    For one release more; what it prints stays as it was, the warning goes to standard error.
    """
    listed, again = shulk(url, "errands", "list"), shulk(url, "errands", "again", LINE)
    closed = shulk(url, "errands", "close", LINE, "--why", "told by telephone")

    assert [listed.exit_code, again.exit_code, closed.exit_code] == [0, 0, 1]
    assert listed.stdout.startswith(f"{LINE}  payment_failure  SK")
    for old, new, shown in (("list", "list", listed), ("again", "requeue", again)):
        assert f"`shulk errands {old}` is called `shulk dead-letters {new}` now" in shown.stderr
        assert "warning" not in shown.stdout
    assert "no such" in closed.stderr


def test_the_old_name_is_not_shown() -> None:
    """
    Whoever reads the help learns the name that stays.
    """
    assert "errands" not in CliRunner().invoke(main, ["--help"]).output


def test_refused_webhooks_are_listed_and_dismissed(url: str) -> None:
    """
    With the bank's words and the reason; a second try finds nothing.
    """
    asyncio.run(
        asked(
            url,
            "INSERT INTO inbox (id, event_id, body_sha256, event_name, order_id, status, only_sale, received_at,"
            " state, due_at, closed_at, why) OVERRIDING SYSTEM VALUE VALUES (7, 'e', 'h', 'ORDER_SUCCEEDED', 'X-1',"
            " 'CHARGED', true, now(), 'refused', now(), now(), 'not an order of ours')",
        )
    )

    listed = shulk(url, "dead-letters", "webhooks")
    blank = shulk(url, "dead-letters", "dismiss", "7", "--why", " ")
    done = shulk(url, "dead-letters", "dismiss", "7", "8", "--why", "of the other shop")
    twice = shulk(url, "dead-letters", "dismiss", "7", "--why", "of the other shop")

    assert listed.stdout.startswith("7  ORDER_SUCCEEDED  X-1  ")
    assert listed.stdout.endswith("came 1x  not an order of ours\n")
    assert blank.exit_code == 1
    assert done.stdout == "ORDER_SUCCEEDED of X-1 is dismissed\n"
    assert twice.exit_code == 1
    assert shulk(url, "dead-letters", "webhooks").stdout == ""
    shulk(url, "dead-letters", "close", LINE, "--why", "a test's")
