"""``shulk alerts``: what fires is listed, taken on, and silenced."""

import asyncio
from dataclasses import replace
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from contracts.monitoring.alerts_register_contract import CALM, SILENCED
from domain.monitoring.alert_case import AlertState
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
FIRING: Final = replace(SILENCED, state=AlertState.FIRING, acknowledged_by="", note="")


@pytest_asyncio.fixture
async def url(database: Database, database_url: str) -> str:
    """The URL of a database with an alert that fires, and one that is over."""
    async with PostgresUnitOfWork(database)() as work:
        work.monitoring.alerts.save(FIRING)
        work.monitoring.alerts.save(CALM)
    return database_url


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=EXAMPLE | {"SHULK_DATABASE_URL": url})


async def test_an_alert_is_listed_taken_on_and_silenced(url: str) -> None:
    """
    Each with its words; what is refused says why.
    """

    def story() -> list[Result]:
        return [
            shulk(url, "alerts", "list"),
            shulk(url, "alerts", "list", "--all"),
            shulk(url, "alerts", "acknowledge", FIRING.id, "--note", "I look"),
            shulk(url, "alerts", "acknowledge", CALM.id),
            shulk(url, "alerts", "silence", FIRING.id, "--hours", "2", "--reason", "moving"),
            shulk(url, "alerts", "list"),
        ]

    listed, everything, taken, refused, silenced, after = await asyncio.to_thread(story)
    assert listed.stdout.startswith(f"{FIRING.id}  firing  queue_stuck  outbox  700  2026-08-03")
    assert len(everything.stdout.splitlines()) == 2
    assert taken.output == "queue_stuck is acknowledged\n"
    assert refused.exit_code == 1
    assert "nothing to acknowledge" in refused.output
    assert silenced.output.startswith("queue_stuck is silenced until 20")
    assert "staff:command-line  silenced until" in after.stdout
