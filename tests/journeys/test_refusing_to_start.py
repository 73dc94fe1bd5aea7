"""A process that could do harm does not start, and says what to do instead."""

import asyncio
from pathlib import Path

import pytest

from conftest import run_sql
from entrypoints.settings.settings import VARIABLES
from worlds.processes.deployment import Deployment, OutsideServices, migrate, new_deployment
from worlds.processes.running import shulk

PROCESSES = ("serve", "worker")


@pytest.fixture
async def unmigrated(database_url: str) -> str:
    """A database of our own without any schema."""
    await run_sql(database_url, "DROP SCHEMA public CASCADE")
    await run_sql(database_url, "CREATE SCHEMA public")
    return database_url


async def both(deployment: Deployment) -> list[tuple[int, str]]:
    """Start API and worker side by side; both have to end by themselves."""
    starts = (asyncio.to_thread(shulk, name, variables=deployment.variables) for name in PROCESSES)
    return await asyncio.gather(*starts)


async def test_on_an_unmigrated_schema(
    unmigrated: str, tmp_path: Path, around: OutsideServices
) -> None:
    """
    Without the tables nothing is served, the command that makes them is named, and it makes them.
    """
    deployment = new_deployment(tmp_path, around, unmigrated)

    for code, said in await both(deployment):
        assert code == 1
        assert "shulk migrate" in said
        assert "Traceback" not in said
    migrate(deployment)
    assert shulk("migrate", "--check", variables=deployment.variables)[0] == 0


async def test_on_a_schema_of_a_later_version(empty_deployment: Deployment) -> None:
    """
    An old program does not write into a newer schema, and says who may.
    """
    url = empty_deployment.variables["SHULK_DATABASE_URL"]
    await run_sql(
        url,
        "UPDATE alembic_version SET version_num = '9999';"
        "UPDATE schema_serving SET oldest = '9999', newest = '9999'",
    )

    for code, said in await both(empty_deployment):
        assert code == 1
        assert "9999" in said
        assert "newer" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("name", [*PROCESSES, "scheduler", "migrate"])
def test_without_settings_all_missing_ones_are_named(name: str) -> None:
    """
    One start tells all that is missing, not one thing after the other.
    """
    code, said = shulk(name)

    assert code == 1
    assert [each.name for each in VARIABLES if each.needed and each.name not in said] == []
    assert "Traceback" not in said


def test_wrong_and_unknown_settings_are_named_with_the_missing(deployment: Deployment) -> None:
    """
    A typo, a wrong value and a missing key in one answer; no value is repeated.
    """
    variables = dict(deployment.variables) | {
        "SHULK_PORT": "seventy",
        "SHULK_DATABSE_URL": "postgres:x",
    }
    key = variables.pop("SHULK_API_KEY")

    code, said = shulk("serve", variables=variables)

    assert code == 1
    for name in ("SHULK_PORT", "SHULK_DATABSE_URL", "SHULK_API_KEY"):
        assert name in said
    assert "SHULK_DATABASE_URL" in said
    for value in (key, "seventy", "postgres:x"):
        assert value not in said


def test_production_takes_nothing_of_a_demo(deployment: Deployment) -> None:
    """
    Simulator, sign-in by picking, plain http: each is named, and nothing starts.
    """
    code, said = shulk(
        "serve",
        variables=dict(deployment.variables)
        | {"SHULK_ENVIRONMENT": "production", "SHULK_DEMO_SIGN_IN": "true"},
    )

    assert code == 1
    for name in ("GATEWAY", "DEMO_SIGN_IN", "PUBLIC_URL", "GATEWAY_URL"):
        assert f"SHULK_{name}" in said
