"""``shulk keys``: server keys are added, listed, rotated and revoked."""

import asyncio
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres.engine.database import Database
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


@pytest_asyncio.fixture
async def url(database: Database, database_url: str) -> str:
    """The URL of an empty database."""
    assert database is not None
    return database_url


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=EXAMPLE | {"SHULK_DATABASE_URL": url})


async def test_a_key_from_its_beginning_to_its_end(url: str) -> None:
    """
    Its secret is shown by the command that makes it, and by no other; what is refused says why.
    """

    def done() -> list[Result]:
        empty = shulk(url, "keys", "list")
        unknown = shulk(url, "keys", "add", "Back end", "--scope", "refunds:create")
        added = shulk(url, "keys", "add", "Back end", "--scope", "payments:pay", "--days", "90")
        key = added.output.split()[0]
        rotated = shulk(url, "keys", "rotate", key, "--overlap-hours", "1")
        listed = shulk(url, "keys", "list")
        revoked = shulk(url, "keys", "revoke", key)
        again = shulk(url, "keys", "rotate", key)
        nobody = shulk(url, "keys", "revoke", "KYNONE")
        return [empty, unknown, added, rotated, listed, revoked, again, nobody]

    empty, unknown, added, rotated, listed, revoked, again, nobody = await asyncio.to_thread(done)
    key, secret = added.output.split()

    assert empty.output.strip() == "there is no key"
    assert "no such scope: refunds:create; there are" in unknown.output
    assert secret.startswith(f"shulk_sk_{key}_")
    assert rotated.output.startswith(f"shulk_sk_{key}_")
    assert f"{key}  active  Back end  payments:pay  never used  expires" in listed.output
    assert secret not in listed.output
    assert "is revoked since" in revoked.output
    assert "it is revoked" in again.output
    assert [each.exit_code for each in (again, nobody)] == [1, 1]
