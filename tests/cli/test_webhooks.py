"""``shulk webhooks``: endpoints are added, tested, rotated, replayed and removed."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database
from adapters.postgres.queues.webhook_deliveries import PostgresDeliveries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from fakes.hooked import an_event

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
URL: Final = "http://127.0.0.1:9/hooks"


@pytest_asyncio.fixture
async def url(database: Database, database_url: str) -> str:
    """The URL of an empty database."""
    assert database is not None
    return database_url


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=EXAMPLE | {"SHULK_DATABASE_URL": url})


async def test_an_endpoint_from_its_beginning_to_its_end(url: str, database: Database) -> None:
    """
    Its secret is shown by the command that makes it, and by no other; what is refused says why.
    """

    def begun() -> list[Result]:
        return [
            shulk(url, "webhooks", "list"),
            shulk(url, "webhooks", "add", URL, "--type", "payment.succeeded"),
            shulk(url, "webhooks", "add", URL),
            shulk(url, "webhooks", "add", URL, "--type", "payment.paid"),
        ]

    empty, added, twice, unknown = await asyncio.to_thread(begun)
    endpoint, secret = added.output.split()
    now = datetime.now(UTC)
    async with PostgresUnitOfWork(database)() as work:
        work.webhooks.deliveries.enqueue([an_event(at=now)], now)
    (entry,) = await PostgresDeliveries(database).claim(now, lease=datetime.resolution, at_most=1)
    async with PostgresUnitOfWork(database)() as work:
        work.webhooks.deliveries.bury(entry, now, why="the endpoint answered 500")

    def went_on() -> list[Result]:
        return [
            shulk(url, "webhooks", "list"),
            shulk(url, "webhooks", "test", endpoint),
            shulk(url, "webhooks", "deliveries", endpoint),
            shulk(url, "webhooks", "replay", endpoint, "--since", f"{now:%Y-%m-%d}"),
            shulk(url, "webhooks", "rotate", endpoint),
            shulk(url, "webhooks", "disable", endpoint, "--why", "it moves"),
            shulk(url, "webhooks", "enable", endpoint),
            shulk(url, "webhooks", "remove", endpoint, "--yes"),
            shulk(url, "webhooks", "remove", endpoint, "--yes"),
        ]

    (
        listed,
        tested,
        log,
        replayed,
        rotated,
        disabled,
        enabled,
        removed,
        gone,
    ) = await asyncio.to_thread(went_on)
    assert disabled.output == f"{endpoint} is disabled\n"
    assert "there is no endpoint" in empty.output
    assert secret.startswith("whsec_")
    assert "there is one with this url already" in twice.output
    assert "no such type: payment.paid" in unknown.output
    assert listed.output == f"{endpoint}  enabled  {URL}  payment.succeeded\n"
    assert (tested.exit_code, "the endpoint: ConnectError" in tested.output) == (1, True)
    assert f"{entry.event_id}  payment.succeeded" in log.output
    assert "dead  attempts 1  the endpoint answered 500" in log.output
    assert replayed.output == "1 deliveries are sent again\n"
    assert rotated.stdout.startswith("whsec_")
    assert rotated.stdout.strip() != secret
    assert enabled.output == f"{endpoint} is enabled\n"
    assert removed.output == f"{endpoint} is removed\n"
    assert (gone.exit_code, "no such webhook endpoint" in gone.output) == (1, True)
