"""The two roles of the database: the one that owns the tables and migrates, and the one that serves."""

from collections.abc import Sequence
from getpass import getuser
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from adapters.postgres import roles
from adapters.postgres.engine.database import Database
from entrypoints.operations.run_in_container import run_on_database
from entrypoints.settings.settings import Settings

RoleUnknown: Final = roles.RoleUnknown
"""What ``apply_grants`` and ``shulk migrate`` raise."""


def serving_role(settings: Settings) -> str:
    """Return the role as which the processes connect; an address without one means the user of the system."""
    return unquote(urlsplit(settings.database_url).username or "") or getuser()


def grants(settings: Settings) -> Sequence[str]:
    """Return the statements that give the role that serves what it needs, for the owner to run."""
    return roles.grants(serving_role(settings))


def apply_grants(settings: Settings) -> str:
    """Run these statements as the role that migrates; return who serves. Raises ``RoleUnknown``."""
    role = serving_role(settings)

    async def apply(database: Database) -> None:
        await roles.apply_grants(database.engine, role)

    run_on_database(settings, apply, as_owner=True)
    return role


def excess_rights(settings: Settings) -> Sequence[str]:
    """Return what the role that serves may do beyond serving; raises ``StorageUnavailable``."""
    return run_on_database(settings, lambda database: roles.excess_rights(database.engine))


def add_role(settings: Settings, role: str, password: str) -> str:
    """Make a *role* that may sign in, as the owner, and return its address of the database."""

    async def add(database: Database) -> None:
        await roles.add_role(database.engine, role, password)

    run_on_database(settings, add, as_owner=True)
    parts = urlsplit(settings.migration_database_url or settings.database_url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{server}"))
